import { createStop, FaninError } from '@fanin/kernel';
import { isClientError } from './errors.js';
import type { Settings } from './options.js';

/** A handler that gives no sign of life for this long is taken for stuck (Java's consumer: max.poll.interval.ms). */
const MAX_SILENCE_MS = 300_000;

/**
 * Keeps one batch's partition ours while its handler works. kafkajs beats only between batches: a handler longer than
 * the session would lose its partition, get the batch again, and throw the group into a loop of rebalances.
 */
export class BatchWork {
  private readonly revoked = createStop();
  private readonly finished = new AbortController();
  private lastBeatMs: number;
  private lastSignOfLifeMs: number;
  private membershipError: unknown;
  private takenAway = false;
  private inGrace = false;

  constructor(
    private readonly settings: Settings,
    private readonly beatOnce: () => Promise<void>,
    private readonly onStuck: (error: FaninError) => void,
  ) {
    const { clock } = settings.deps;
    this.lastBeatMs = clock.monotonicMs();
    this.lastSignOfLifeMs = this.lastBeatMs;
    void this.keepBeating();
  }

  /** Aborts when nothing may be written any more. */
  get signal(): AbortSignal {
    return this.revoked.signal;
  }

  /** The partition may be another's already: nothing may be committed. */
  get lost(): boolean {
    return this.takenAway;
  }

  /** What kafkajs has to be told so that it joins the group again; undefined while all is well. */
  get cause(): unknown {
    return this.membershipError;
  }

  /** The handler's own beat. Throws once the partition is lost, so that the handler stops. */
  async heartbeat(): Promise<void> {
    this.signOfLife();
    await this.beat();
    if (this.takenAway) throw new FaninError('TRANSIENT', 'the partition was taken away');
  }

  signOfLife(): void {
    this.lastSignOfLifeMs = this.settings.deps.clock.monotonicMs();
  }

  /** Called by whoever sees a request refused because of the group's state. */
  noteMembershipError(error: unknown): void {
    this.membershipError ??= error;
    if (isClientError(error, 'REBALANCE_IN_PROGRESS')) void this.abortAfterGrace();
    else this.lose();
  }

  abort(): void {
    this.revoked.abort();
  }

  finish(): void {
    // The default reason is an exception, which notes where it was made.
    this.finished.abort('finished');
  }

  private async keepBeating(): Promise<void> {
    const { clock } = this.settings.deps;
    const over = this.finished.signal;
    for (;;) {
      await clock.sleep(this.settings.heartbeatIntervalMs, over);
      if (over.aborted || this.takenAway) return;
      if (clock.monotonicMs() - this.lastSignOfLifeMs > MAX_SILENCE_MS) {
        this.onStuck(new FaninError('BUG', `a handler gave no sign of life for ${MAX_SILENCE_MS / 1_000} s`));
        return;
      }
      await this.beat();
    }
  }

  private async beat(): Promise<void> {
    const { clock } = this.settings.deps;
    try {
      await this.beatOnce();
      this.lastBeatMs = clock.monotonicMs();
    } catch (error) {
      if (
        isClientError(error, 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID')
      ) {
        this.noteMembershipError(error);
      } else if (clock.monotonicMs() - this.lastBeatMs > this.settings.sessionTimeoutMs) {
        this.membershipError ??= error;
        this.lose();
      }
    }
  }

  /** While the group waits for its members to join again, the batch in work may still end and commit. Each beat hears of it. */
  private async abortAfterGrace(): Promise<void> {
    if (this.inGrace) return;
    this.inGrace = true;
    await this.settings.deps.clock.sleep(this.settings.rebalanceGraceMs, this.finished.signal);
    if (!this.finished.signal.aborted) this.revoked.abort();
  }

  private lose(): void {
    this.takenAway = true;
    this.revoked.abort();
  }
}
