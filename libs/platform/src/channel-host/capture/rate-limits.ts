import type { RateLimit, RateLimiter } from '@fanin/connector-kit';
import { FaninError, type Clock } from '@fanin/kernel';

/** The buckets of a process, one per account and name. */
export function createRateLimits(clock: Clock): (accountId: string, name: string, limit: RateLimit) => RateLimiter {
  const buckets = new Map<string, RateLimiter>();
  return (accountId, name, limit) => {
    const key = JSON.stringify([accountId, name]);
    const known = buckets.get(key) ?? createBucket(limit, clock);
    buckets.set(key, known);
    return known;
  };
}

/** Theoretical arrival times (GCRA): one number instead of a refill timer. Callers are served in order of asking. */
export function createBucket({ perSecond, burst }: RateLimit, clock: Clock): RateLimiter {
  const stepMs = 1000 / perSecond;
  let arrivalMs = 0;
  let pausedUntil = 0;
  let queue: Promise<void> = Promise.resolve();

  async function takeNext(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (signal?.aborted === true) throw new FaninError('TRANSIENT', 'stopped while waiting for the rate limit');
      const now = clock.monotonicMs();
      const wait = Math.max(pausedUntil - now, Math.max(arrivalMs, now) - now - (burst - 1) * stepMs);
      if (wait <= 0) {
        arrivalMs = Math.max(arrivalMs, now) + stepMs;
        return;
      }
      await clock.sleep(wait, signal);
    }
  }

  return {
    take(signal) {
      const turn = queue.then(() => takeNext(signal));
      queue = turn.catch(() => undefined);
      return turn;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.monotonicMs() + ms);
    },
  };
}
