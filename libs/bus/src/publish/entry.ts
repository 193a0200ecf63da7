import type { OutgoingRecord } from '../port.js';

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
}

/** Bytes that a record takes in a log: what batches and backlog are capped by. */
export function sizeOf(record: OutgoingRecord): number {
  let bytes = Buffer.byteLength(record.key) + (record.value?.length ?? 0) + 24;
  if (record.headers !== undefined) {
    for (const name in record.headers) bytes += name.length + Buffer.byteLength(record.headers[name] ?? '') + 4;
  }
  return bytes;
}

export function settle(call: Call, error?: unknown): void {
  if (call.settled) return;
  call.settled = true;
  if (error === undefined) call.resolve();
  else call.reject(error);
}
