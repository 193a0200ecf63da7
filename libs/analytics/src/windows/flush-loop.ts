import type { Clock, Logger } from '@fanin/kernel';
import { messageOf } from '@fanin/kernel';
import type { WindowFlusher } from './window-flusher.js';

const FLUSH_EVERY_MS = 1_000;
const PAUSE_AFTER_ERROR_MS = 5_000;

/** Flushes dirty windows for as long as the service lives; an error (the database is away) costs a pause and is tried again. */
export function startFlushLoop(flusher: WindowFlusher, clock: Clock, logger: Logger): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let pause = FLUSH_EVERY_MS;
      try {
        while ((await flusher.flush()) > 0 && !stopping.signal.aborted);
      } catch (error) {
        logger.warn('windows could not be computed, trying again', { reason: messageOf(error) });
        pause = PAUSE_AFTER_ERROR_MS;
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
