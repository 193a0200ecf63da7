import { createRequire } from 'node:module';

/** The queue of one of kafkajs' connections, as far as it is mended here. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 looks at a connection's waiting requests again and again, waiting requests or not; with none, after a time that is
 * negative unless the broker throttles (kafkajs#1556). Node makes it 1 ms, newer ones also warn: every connection wakes its
 * process a thousand times a second for ever. Whatever is put into the queue schedules a look itself, so with an empty
 * queue there is nothing to look at. Called before the first connection is made.
 */
export function letQueuesRest(): void {
  const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    readonly prototype: RequestQueue;
  };
  const schedule = Reflect.get(Queue.prototype, 'scheduleCheckPendingRequests');
  Queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
