import { createRequire } from 'node:module';

/** The queue of one of kafkajs' connections, as far as it is mended here. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  /** Unix ms; −1 when the broker never asked for less. */
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const SOONEST_MS = 10;

/**
 * kafkajs 2.2.4 looks at a connection's waiting requests again and again, waiting requests or not, after a time that is
 * negative unless the broker throttles: Node makes it 1 ms (newer ones also warn). Every connection wakes its process a
 * thousand times a second for ever. Whatever is put into the queue schedules a look itself, so with an empty queue
 * there is nothing to look at. Called before the first connection is made.
 */
export function letQueuesRest(): void {
  const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    readonly prototype: RequestQueue;
  };
  Queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
    const look = (): void => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    };
    this.throttleCheckTimeoutId = setTimeout(look, Math.max(SOONEST_MS, this.throttledUntil - Date.now()));
  };
}
