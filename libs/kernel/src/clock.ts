/**
 * The only source of "now" and of timers outside tests. Injected, so that a test can move time by hand and two systems
 * in one process can disagree about it.
 */
export interface Clock {
  /** Epoch milliseconds. May jump backwards (NTP); use `monotonicMs` to measure a duration. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done, { once: true });
      }),
  };
}

/** Injection token of the clock. */
export const CLOCK = Symbol('Clock');
