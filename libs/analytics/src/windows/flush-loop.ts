import type { Clock, Logger } from '@fanin/kernel';
import { messageOf } from '@fanin/kernel';
import { MARKS_PER_FLUSH, type WindowFlusher } from './window-flusher.js';

const FLUSH_EVERY_MS = 1_000;
/** All durations of a window are read again: of a busy day that takes its time, and there is other work. */
const REST_FOR_EACH_MS = 10;
/** A pass may also have waited, for a lock or a database that stood still: that is no reason to rest for minutes. */
const MAX_REST_MS = 15_000;
const PAUSE_AFTER_ERROR_MS = 5_000;

/**
 * Flushes marked windows for as long as the service lives, about a tenth of the time at most: the more the windows hold, the
 * less often they are told. An error (the database is away) costs a pause and is tried again.
 */
export function startFlushLoop(
  flusher: Pick<WindowFlusher, 'flush'>,
  clock: Clock,
  logger: Logger,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let pause = PAUSE_AFTER_ERROR_MS;
      try {
        const began = clock.monotonicMs();
        while ((await flusher.flush()) >= MARKS_PER_FLUSH && !stopping.signal.aborted);
        const rest = REST_FOR_EACH_MS * (clock.monotonicMs() - began);
        pause = Math.min(MAX_REST_MS, Math.max(FLUSH_EVERY_MS, rest));
      } catch (error) {
        logger.warn('windows could not be computed, trying again', { reason: messageOf(error) });
      }
      await clock.sleep(pause, stopping.signal);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
