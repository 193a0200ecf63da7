import { setMaxListeners } from 'node:events';

/**
 * A controller whose signal any number of waits may listen to at once: every account, reply or reader of a service. Node 20
 * takes the eleventh listener of a plain one for a leak and prints a `MaxListenersExceededWarning` among the log lines.
 */
export function createStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(Infinity, stop.signal);
  return stop;
}
