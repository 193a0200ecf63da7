/**
 * Runs `work` with a signal that aborts with the first of `signals`, for its reason. Nothing stays on them behind the abort or the end
 * of `work`; after that end the signal is of no use, so it is for what `work` waits for and not to be kept. Each result of
 * `AbortSignal.any` leaves a reference on the signals that it came from for as long as those live: some 50 bytes for each
 * reply, poll or pause in Node 20 (https://github.com/nodejs/node/issues/55351).
 */
export async function cutByAny<T>(signals: readonly AbortSignal[], work: (cut: AbortSignal) => Promise<T>): Promise<T> {
  const cutting = new AbortController();
  const letGo = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', cut);
  };
  const cut = ({ target }: Event): void => {
    letGo();
    cutting.abort((target as AbortSignal).reason);
  };
  const gone = signals.find(({ aborted }) => aborted);
  if (gone !== undefined) cutting.abort(gone.reason);
  else for (const signal of signals) signal.addEventListener('abort', cut);
  try {
    return await work(cutting.signal);
  } finally {
    letGo();
  }
}
