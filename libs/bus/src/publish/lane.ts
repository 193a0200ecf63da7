import type { Entry } from './entry.js';

/** Records on their way to one partition. At most one send of a lane is in flight. */
export interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly queue: Entry[];
  /** Index of the first waiting entry: shifting an array of thousands record by record is quadratic. */
  head: number;
  inFlight: boolean;
  /** Not to be sent before this moment (monotonic): back-off after a failed send. */
  notBeforeMs: number;
  failures: number;
}

export function newLane(topic: string, partition: number): Lane {
  return { topic, partition, queue: [], head: 0, inFlight: false, notBeforeMs: 0, failures: 0 };
}

export function isWaiting(lane: Lane): boolean {
  return lane.head < lane.queue.length;
}

/** How long the first in line has waited: about as long as what comes now will. */
export function waitOf(lane: Lane, nowMs: number): number {
  const first = lane.queue[lane.head];
  return first === undefined ? 0 : nowMs - first.sinceMs;
}

/** Takes the next batch within the caps, skipping records whose call has given up; at least one record if any waits. */
export function take(lane: Lane, maxRecords: number, maxBytes: number): { taken: Entry[]; skippedBytes: number } {
  const taken: Entry[] = [];
  let bytes = 0;
  let skippedBytes = 0;
  while (lane.head < lane.queue.length && taken.length < maxRecords) {
    const entry = lane.queue[lane.head] as Entry;
    if (entry.call.settled) {
      skippedBytes += entry.bytes;
    } else {
      if (taken.length > 0 && bytes + entry.bytes > maxBytes) break;
      bytes += entry.bytes;
      taken.push(entry);
    }
    lane.head += 1;
  }
  if (lane.head > 1024 || lane.head === lane.queue.length) {
    lane.queue.splice(0, lane.head);
    lane.head = 0;
  }
  return { taken, skippedBytes };
}

/** Puts a batch that was not written back to the front, in its order. */
export function putBack(lane: Lane, entries: readonly Entry[]): void {
  lane.queue.splice(0, lane.head, ...entries);
  lane.head = 0;
}
