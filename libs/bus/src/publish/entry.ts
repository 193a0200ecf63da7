import type { OutgoingRecord } from '../port.js';
import { DEAD_LETTER_PREFIX } from '../settle/dead-letter.js';

/** One `publish` call: settles once, when its last record is durable or its deadline has passed. */
export interface Call {
  readonly deadlineMs: number;
  /** Records not yet durable. */
  open: number;
  settled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A record waiting in a lane, with the call that waits for it. */
export interface Entry {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly call: Call;
  /** Since when it waits (monotonic). */
  readonly sinceMs: number;
}

/** Bytes that a record takes in a log: what batches and backlog are capped by. */
export function sizeOf(record: OutgoingRecord): number {
  let bytes = Buffer.byteLength(record.key) + (record.value?.length ?? 0) + 24;
  if (record.headers !== undefined) {
    for (const name in record.headers) bytes += headerBytes(name, record.headers[name]);
  }
  return bytes;
}

/** What of that is the reason of a dead letter, or the mark of one that was put back. */
export function letterBytesOf({ headers = {} }: OutgoingRecord): number {
  let bytes = 0;
  for (const name in headers) if (name.startsWith(DEAD_LETTER_PREFIX)) bytes += headerBytes(name, headers[name]);
  return bytes;
}

function headerBytes(name: string, text = ''): number {
  return name.length + Buffer.byteLength(text) + 4;
}

export function settle(call: Call, error?: unknown): void {
  if (call.settled) return;
  call.settled = true;
  if (error === undefined) call.resolve();
  else call.reject(error);
}
