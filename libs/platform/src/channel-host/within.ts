import { cutByAny, FaninError } from '@fanin/kernel';

/**
 * `within` for work that can be cut: its signal aborts with `signal`, and when it takes longer than `ms`. With `leave`, an
 * abort is not waited out either.
 */
export function cutAfter<T>(
  work: (cut: AbortSignal) => Promise<T>,
  ms: number,
  why: string,
  signal: AbortSignal,
  leave?: 'leave',
): Promise<T> {
  const stop = new AbortController();
  const late = (): Error => {
    stop.abort();
    return new FaninError('TRANSIENT', why);
  };
  return within(cutByAny([signal, stop.signal], work), ms, late, leave === undefined ? undefined : signal);
}

/**
 * Rejects with TRANSIENT (or what `late` makes) when `work` takes longer, or when `signal` aborts first; what it comes to
 * later is not looked at. A plain timer: this is on the way of every delivery, and nothing is made that is not needed.
 */
export function within<T>(
  work: Promise<T>,
  ms: number,
  late: () => Error = () => new FaninError('TRANSIENT', `no answer within ${ms} ms`),
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      end();
      reject(late());
    };
    const timer = setTimeout(giveUp, ms);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    work.then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error as Error);
      },
    );
  });
}
