import type { CallFailure } from './call-out.js';

/** One attempt to hand a webhook to our side, as `GET /_control/deliveries` shows it. */
export interface Delivery {
  /** The webhook: its retries and duplicates share it. */
  id: string;
  /** What the vendor calls it: `message`, `status`, `voice`… */
  kind: string;
  /** 1 for the first try. */
  attempt: number;
  at: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  status?: number;
  failure?: CallFailure;
  error?: string;
  answer?: string;
  ms: number;
  /** The fault that struck it. `drop`: our side never saw it. */
  fault?: string;
}

/** The newest attempts; the oldest go when there are too many. */
export class DeliveryLog {
  private entries: Delivery[] = [];

  constructor(private readonly limit = 20_000) {}

  add(entry: Delivery): void {
    this.entries.push(entry);
    if (this.entries.length > this.limit) this.entries.splice(0, this.entries.length - this.limit);
  }

  list(): readonly Delivery[] {
    return [...this.entries];
  }

  clear(): void {
    this.entries = [];
  }
}
