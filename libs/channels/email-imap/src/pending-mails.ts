import type { Clock } from '@fanin/kernel';
import type { PendingMail } from './cursor.js';

/** Waits before each further attempt, in milliseconds; as many attempts as there are entries. */
export interface RetryDelays {
  /** Copies of a mailbox lag behind its counters for seconds. */
  readonly absent: readonly number[];
  /** A server that cannot hand over a mail may need a restart. */
  readonly failed: readonly number[];
}

export const RETRY_DELAYS: RetryDelays = {
  absent: [1_000, 2_000, 4_000, 8_000, 15_000],
  failed: [5_000, 30_000, 120_000, 600_000],
};

/** More numbers in a row than this are no lag: they were expunged. */
const LONGEST_LAG = 50;
const MOST_ABSENT = 200;
/** As many refused mails are trouble of the server, not of the mails: nothing new is read until they are settled. */
const MOST_FAILED = 50;

/** The mails that were announced and not read, and those that are given up. */
export class PendingMails {
  private readonly mails: Map<number, PendingMail>;
  private readonly failedBefore: ReadonlySet<number>;
  private readonly gone: [number, number][] = [];

  constructor(
    pending: readonly PendingMail[],
    private readonly delays: RetryDelays,
    private readonly clock: Clock,
  ) {
    // A clock that was set back must not make a mail wait for as long as that.
    const latest = clock.now() + Math.max(0, ...delays.absent, ...delays.failed);
    this.mails = new Map(pending.map((mail) => [mail.uid, { ...mail, retry_at: Math.min(mail.retry_at, latest) }]));
    this.failedBefore = new Set(pending.filter(({ why }) => why === 'failed').map(({ uid }) => uid));
  }

  list(): readonly PendingMail[] {
    return [...this.mails.values()].sort((one, other) => one.uid - other.uid);
  }

  due(): readonly PendingMail[] {
    return this.list().filter(({ retry_at }) => retry_at <= this.clock.now());
  }

  nextRetryAt(): number | undefined {
    const times = this.list().map(({ retry_at }) => retry_at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** True when the server refuses so much that reading on would only make more of it. */
  get isFull(): boolean {
    return this.list().filter(({ why }) => why === 'failed').length >= MOST_FAILED;
  }

  /** UIDs that the server counted and does not list. */
  absent(from: number, to: number): void {
    const known = this.list().filter(({ why }) => why === 'absent').length;
    if (to - from + 1 > LONGEST_LAG || known >= MOST_ABSENT) this.giveUp(from, to);
    else for (let uid = from; uid <= to; uid += 1) if (!this.mails.has(uid)) this.missed(uid, 'absent');
  }

  /** One more attempt was in vain. */
  missed(uid: number, why: PendingMail['why']): void {
    const known = this.mails.get(uid);
    const attempts = known?.why === why ? known.attempts + 1 : 1;
    const delays = this.delays[why];
    const delay = delays[Math.min(attempts, delays.length) - 1] ?? 0;
    this.mails.set(uid, { uid, attempts, retry_at: this.clock.now() + delay, why });
  }

  /** All attempts were in vain. */
  isExhausted(uid: number): boolean {
    const known = this.mails.get(uid);
    return known !== undefined && known.attempts > this.delays[known.why].length;
  }

  /** UIDs that failed for the first time in this turn. */
  newlyFailed(): readonly number[] {
    return this.list()
      .filter(({ uid, why }) => why === 'failed' && !this.failedBefore.has(uid))
      .map(({ uid }) => uid);
  }

  attemptsOf(uid: number): number {
    return this.mails.get(uid)?.attempts ?? 0;
  }

  settled(uid: number): void {
    this.mails.delete(uid);
  }

  giveUp(from: number, to = from): void {
    for (const uid of this.mails.keys()) if (uid >= from && uid <= to) this.mails.delete(uid);
    this.gone.push([from, to]);
  }

  /** How many mails came and went unread, and their UIDs, for the notice. */
  gap(): { readonly count: number; readonly uids: string } | undefined {
    const ranges: [number, number][] = [];
    for (const [from, to] of this.gone.toSorted((one, other) => one[0] - other[0])) {
      const last = ranges.at(-1);
      if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
      else ranges.push([from, to]);
    }
    if (ranges.length === 0) return undefined;
    const shown = ranges.slice(0, 5).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
    return {
      count: ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0),
      uids: `${shown.join(', ')}${ranges.length > 5 ? ' …' : ''}`,
    };
  }
}
