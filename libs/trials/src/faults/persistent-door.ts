import { setTimeout as sleep } from 'node:timers/promises';
import { ACKNOWLEDGED, type Answer, type Door, type DrivenMessage } from '../drive/door.js';
import { NOT_TOLD_WHEN } from '../drive/doors/http-post.js';
import type { Histogram } from '../drive/histogram.js';
import type { Random } from './random.js';

export interface Persistence {
  /** Between two messages of one sender: what makes a closed loop a gentle one. */
  readonly thinkMs: number;
  /** Share of acknowledged messages that are handed in once more, as providers do. */
  readonly repeat: number;
  readonly random: Random;
  /** Aborts when it is time to give up on what is not acknowledged yet. */
  readonly giveUp: AbortSignal;
  /** Of refusals, how long each took: an edge that cannot keep a message must say so at once. */
  readonly refusals: Histogram;
  /** Of messages that nobody answered, how long their sender waited. */
  readonly unanswered: Histogram;
  /** Refusals that nobody should be given, and how often they were. */
  readonly rude: Map<string, number>;
  /** When each message that nobody has answered yet was handed in (monotonic ms). */
  readonly open: Set<{ readonly sinceMs: number }>;
}

/** Answers that a repetition does not change: 4xx by HTTP, 5yz by SMTP (`550 5.1.1`). */
export const FINAL = /^4(?!08|25|29)\d\d$|^5\d\d \d|no ticket/;

/**
 * A provider's side of a door: what is not acknowledged is handed in again under the same id until it is, and now and then
 * what was acknowledged comes again, too.
 */
export class PersistentDoor implements Door {
  readonly name: string;
  readonly account: string;
  readonly textBytes: number;

  constructor(
    private readonly door: Door,
    private readonly persistence: Persistence,
  ) {
    this.name = door.name;
    this.account = door.account;
    this.textBytes = Math.min(door.textBytes, 1_024);
  }

  idOf(run: string, sequence: number): string {
    return this.door.idOf(run, sequence);
  }

  async send(message: DrivenMessage): Promise<Answer> {
    const { random, giveUp, repeat, thinkMs, refusals, unanswered, rude, open } = this.persistence;
    await sleep(thinkMs * random.between(0.5, 1.5));
    let maybeThere: Answer | undefined;
    for (;;) {
      const began = performance.now();
      const waiting = { sinceMs: began };
      open.add(waiting);
      const answer = await this.door.send(message);
      open.delete(waiting);
      if (answer.kind === 'acknowledged') {
        if (random.next() < repeat) await this.door.send(message);
        return ACKNOWLEDGED;
      }
      if (answer.kind === 'refused') {
        refusals.add(performance.now() - began);
        if (answer.how === NOT_TOLD_WHEN) rude.set(answer.how, (rude.get(answer.how) ?? 0) + 1);
        if (FINAL.test(answer.how)) return maybeThere ?? answer;
      } else {
        unanswered.add(performance.now() - began);
        maybeThere = answer;
      }
      if (giveUp.aborted) return maybeThere ?? answer;
      await sleep(random.between(100, 400));
    }
  }

  fileOf(message: DrivenMessage): string | undefined {
    return this.door.fileOf?.(message);
  }

  forget(conversation: string): void {
    this.door.forget?.(conversation);
  }

  close(): Promise<void> {
    return this.door.close();
  }
}
