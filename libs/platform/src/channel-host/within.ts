import { FaninError, type Clock } from '@fanin/kernel';

/**
 * Rejects with TRANSIENT (or what `late` makes) when `work` takes longer, or when `signal` aborts first; what it comes to
 * later is not looked at.
 */
export async function within<T>(
  work: Promise<T>,
  ms: number,
  clock: Clock,
  late: () => Error = () => new FaninError('TRANSIENT', `no answer within ${ms} ms`),
  signal?: AbortSignal,
): Promise<T> {
  work.catch(() => undefined);
  const done = new AbortController();
  const timeout = clock
    .sleep(ms, signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]))
    .then(() => {
      throw late();
    });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    done.abort();
  }
}
