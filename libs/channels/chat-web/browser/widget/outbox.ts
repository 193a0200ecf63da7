import type { Storage } from './storage.js';

export interface Waiting {
  readonly id: string;
  readonly text: string;
  readonly sentAt: string;
  readonly conversation: string | null;
  /** Set when sending it again by ourselves is of no use. */
  readonly failed: boolean;
}

const MAX_WAITING = 100;

/**
 * What the visitor wrote and the server has not acknowledged. One storage key a message, so that two tabs never overwrite
 * each other; whichever tab is connected sends it, under the same id.
 */
export class Outbox {
  constructor(private readonly storage: Storage) {}

  /** Oldest first. */
  all(): Waiting[] {
    return this.storage
      .names('out:')
      .flatMap((name) => {
        try {
          return [JSON.parse(this.storage.get(name) ?? 'x') as Waiting];
        } catch {
          return [];
        }
      })
      .sort((one, other) =>
        one.sentAt < other.sentAt ? -1 : one.sentAt > other.sentAt ? 1 : one.id < other.id ? -1 : 1,
      );
  }

  /** False when too much is waiting already. */
  add(text: string, conversation: string | null): boolean {
    const waiting = this.all();
    if (waiting.length >= MAX_WAITING) return false;
    // Strictly after what waits already, so that order survives a clock that stands still or jumps back.
    const last = waiting.at(-1)?.sentAt;
    const at = Math.max(Date.now(), last === undefined ? 0 : Date.parse(last) + 1);
    this.put({ id: newId(), text, sentAt: new Date(at).toISOString(), conversation, failed: false });
    return true;
  }

  mark(id: string, failed: boolean): void {
    const known = this.all().find((waiting) => waiting.id === id);
    if (known !== undefined) this.put({ ...known, failed });
  }

  remove(id: string): void {
    this.storage.remove(`out:${id}`);
  }

  private put(waiting: Waiting): void {
    this.storage.set(`out:${waiting.id}`, JSON.stringify(waiting));
  }
}

/** crypto.randomUUID is there on secure pages only. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
