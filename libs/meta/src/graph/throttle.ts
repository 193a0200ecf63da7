import { FaninError, type Clock } from '@fanin/kernel';

/** What a connection check may wait for our own limiter: the host gives the whole of it 10 s. */
const PATIENCE_MS = 5_000;

/**
 * Meta's last word that an account calls too often. The limiter makes all calls of the account wait until then; whoever
 * only wants to know how the account is asks here first, and is not told that Meta did not answer.
 */
export class Throttle {
  private fault: FaninError | undefined;
  private untilMs = 0;

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  begin(fault: FaninError, ms: number): void {
    const untilMs = this.clock.monotonicMs() + ms;
    if (untilMs < this.untilMs) return;
    this.untilMs = untilMs;
    this.fault = fault;
  }

  /** Throws RATE_LIMITED, with what Meta said, while calls rest for longer than a check can wait. */
  refuse(): void {
    const retryAfterMs = this.untilMs - this.clock.monotonicMs();
    if (this.fault === undefined || retryAfterMs <= PATIENCE_MS) return;
    throw new FaninError('RATE_LIMITED', this.fault.message, { retryAfterMs });
  }
}
