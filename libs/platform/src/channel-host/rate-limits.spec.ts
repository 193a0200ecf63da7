import type { Clock } from '@fanin/kernel';
import { createBucket, createRateLimits } from './capture/rate-limits.js';

/** Time moves only by sleeping. */
function sleepingClock(): Clock {
  let now = 1_000;
  return {
    now: () => now,
    monotonicMs: () => now,
    sleep: async (ms, signal) => {
      if (signal?.aborted !== true) now += ms;
    },
  };
}

describe('rate limiter', () => {
  it('lets a burst through at once, then its rate, in order of asking', async () => {
    const clock = sleepingClock();
    const bucket = createBucket({ perSecond: 10, burst: 3 }, clock);
    const taken: [number, number][] = [];
    await Promise.all(
      Array.from({ length: 6 }, (_, i) => bucket.take().then(() => taken.push([i, clock.now() - 1_000]))),
    );
    expect(taken).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 100],
      [4, 200],
      [5, 300],
    ]);
    await clock.sleep(10_000);
    await Promise.all([bucket.take(), bucket.take(), bucket.take()]);
    expect(clock.now() - 1_000).toBe(10_300);
  });

  it('waits as long as the provider said, and stops waiting with the signal', async () => {
    const clock = sleepingClock();
    const limiter = createRateLimits(clock);
    const bucket = limiter('account', 'api', { perSecond: 1000, burst: 1000 });
    expect(limiter('account', 'api', { perSecond: 1, burst: 1 })).toBe(bucket);
    expect(limiter('other', 'api', { perSecond: 1, burst: 1 })).not.toBe(bucket);
    bucket.pause(5_000);
    await bucket.take();
    expect(clock.now()).toBe(6_000);
    bucket.pause(5_000);
    await expect(bucket.take(AbortSignal.abort())).rejects.toMatchObject({ code: 'TRANSIENT' });
    await bucket.take();
    expect(clock.now()).toBe(11_000);
  });
});
