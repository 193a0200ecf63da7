import type { Acknowledged, Oracle } from '../oracle/oracle.js';
import { Conversations, type ConversationOptions, type Turn } from './conversations.js';
import type { Answer, Door } from './door.js';
import { Histogram, type HistogramCounts } from './histogram.js';

/**
 * `concurrency`: a closed loop, each of so many senders hands in the next message when the last one is answered.
 * `rate`: an open loop, messages a second by the clock. They are due whatever the answers take, and the time of an answer is
 * counted from when the message was due: a system that stalls does not slow the offer, and does not hide the wait.
 */
export type Pace = { readonly concurrency: number } | { readonly rate: number };

export interface DriveReport {
  readonly door: string;
  readonly sent: number;
  readonly acknowledged: number;
  /** By what was answered. */
  readonly refused: Readonly<Record<string, number>>;
  readonly unsure: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Of acknowledgements, from when the message was due. */
  readonly latency: HistogramCounts;
  /** Of every answer, from when the message was handed in: without what its sender took to hand it in. */
  readonly answered: HistogramCounts;
}

export interface DriverOptions extends ConversationOptions {
  readonly door: Door;
  readonly oracle: Oracle;
}

const TICK_MS = 2;

/** Hands messages in at one door until it is stopped. `start` may be called again after `stop`. */
export class Driver {
  private readonly conversations: Conversations;
  private latency = new Histogram();
  private answered = new Histogram();
  private readonly tallies = { refused: new Map<string, number>(), unsure: new Map<string, number>() };
  private readonly underWay = new Set<Promise<void>>();
  private running: { halt: () => void } | undefined;
  private sent = 0;
  private startedMs = performance.now();
  private endedMs: number | undefined;

  constructor(private readonly options: DriverOptions) {
    this.conversations = new Conversations(options.door, options);
  }

  get door(): Door {
    return this.options.door;
  }

  async prepare(): Promise<void> {
    await this.door.prepare?.(this.conversations.names());
  }

  start(pace: Pace): void {
    if (this.running !== undefined) throw new Error(`the ${this.door.name} driver runs already`);
    this.startedMs = performance.now();
    this.endedMs = undefined;
    if ('rate' in pace) this.open(pace.rate);
    else this.closed(pace.concurrency);
  }

  /** No further messages; resolves when all that are under way are answered. */
  async stop(): Promise<DriveReport> {
    this.running?.halt();
    this.running = undefined;
    this.endedMs ??= performance.now();
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    return this.report();
  }

  /** Since the last `start` or `reset`. */
  report(): DriveReport {
    return {
      door: this.door.name,
      sent: this.sent,
      acknowledged: this.latency.count,
      refused: Object.fromEntries(this.tallies.refused),
      unsure: Object.fromEntries(this.tallies.unsure),
      seconds: ((this.endedMs ?? performance.now()) - this.startedMs) / 1000,
      latency: this.latency.counts(),
      answered: this.answered.counts(),
    };
  }

  /** Forgets what was counted, as after a warm-up. */
  reset(): void {
    this.latency = new Histogram();
    this.answered = new Histogram();
    this.tallies.refused.clear();
    this.tallies.unsure.clear();
    this.sent = 0;
    this.startedMs = performance.now();
  }

  private closed(concurrency: number): void {
    let halted = false;
    const loop = async (): Promise<void> => {
      while (!halted) {
        const turn = await this.conversations.next();
        await this.take(turn, performance.now());
      }
    };
    this.running = { halt: () => (halted = true) };
    for (let sender = 0; sender < concurrency; sender += 1) this.track(loop());
  }

  private open(rate: number): void {
    const beganMs = performance.now();
    let due = 0;
    const tick = (): void => {
      const until = ((performance.now() - beganMs) * rate) / 1000;
      for (; due < until; due += 1) {
        const dueMs = beganMs + (due * 1000) / rate;
        this.track(this.conversations.next().then((turn) => this.take(turn, dueMs)));
      }
    };
    const timer = setInterval(tick, TICK_MS);
    this.running = { halt: () => clearInterval(timer) };
  }

  private track(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }

  private async take({ message, done }: Turn, dueMs: number): Promise<void> {
    this.sent += 1;
    const handedInMs = performance.now();
    const answer = await this.door.send(message);
    this.answered.add(performance.now() - handedInMs);
    const { id, conversation, n } = message;
    const file = this.door.fileOf?.(message);
    // By the wall clock: it is compared with the database's.
    const one: Acknowledged = {
      door: this.door.name,
      account: this.door.account,
      id,
      conversation,
      n,
      atMs: Date.now(),
      ...(file === undefined ? {} : { file }),
    };
    this.count(answer, one, performance.now() - dueMs);
    done(answer.kind);
  }

  private count(answer: Answer, one: Acknowledged, tookMs: number): void {
    const { oracle } = this.options;
    if (answer.kind === 'acknowledged') {
      this.latency.add(tookMs);
      return oracle.acknowledged(one);
    }
    const tally = this.tallies[answer.kind];
    tally.set(answer.how, (tally.get(answer.how) ?? 0) + 1);
    if (answer.kind === 'unsure') return oracle.unsure(one);
    return oracle.refused(one, answer.how);
  }
}
