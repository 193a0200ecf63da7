import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from '../oracle/recorder.js';

/** How large messages of one kind are handed in. */
export interface LargeDoor {
  readonly name: string;
  /** `tenant/account`. */
  readonly account: string;
  /** How whoever cannot be kept just now is to be refused. */
  readonly refusal: string;
  idOf(n: number): string;
  /** Undefined when it was taken, else what was said. */
  handIn(id: string): Promise<string | undefined>;
}

const BETWEEN_MS = 1_000;
const AGAIN_MS = 300;

/** Hands in one large message after the other, each again until it is taken. */
export class LargeWriter {
  readonly taken: string[] = [];
  /** What was said instead, and how often. */
  readonly refused = new Map<string, number>();
  private over = false;
  private readonly givingUp = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    readonly door: LargeDoor,
    private readonly recorder: Recorder,
  ) {
    this.running = this.run();
  }

  /** No other message; resolves when the last one is taken, rejects when it is not within that time. */
  async stop(withinMs: number): Promise<void> {
    this.over = true;
    const timer = setTimeout(() => this.givingUp.abort(), withinMs);
    await this.running.finally(() => clearTimeout(timer));
    if (this.givingUp.signal.aborted) throw new Error(`${this.door.name}: not taken within ${withinMs / 1000} s`);
  }

  private async run(): Promise<void> {
    const { door, recorder } = this;
    for (let n = 1; !this.over; n += 1) {
      const id = door.idOf(n);
      while (!this.givingUp.signal.aborted) {
        const said = await door.handIn(id);
        const one = { door: door.name, account: door.account, id, conversation: id, n: 1, atMs: Date.now() };
        if (said === undefined) {
          recorder.acknowledged(one);
          this.taken.push(id);
          break;
        }
        if (said === door.refusal) recorder.refused(one, said);
        else recorder.unsure(one);
        this.refused.set(said, (this.refused.get(said) ?? 0) + 1);
        await sleep(AGAIN_MS);
      }
      await sleep(BETWEEN_MS);
    }
  }
}
