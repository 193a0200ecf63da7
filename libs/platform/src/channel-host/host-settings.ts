import type { Bus } from '@fanin/bus';
import type { BlobStore } from '@fanin/connector-kit';
import type { Clock, Logger, Metrics } from '@fanin/kernel';
import type { Database } from '../database/database.js';
import type { Outbox } from '../outbox/outbox.js';

/** What the parts of the channel host share. */
export interface HostParts {
  /** Name of the service: part of consumer groups and of CloudEvents sources. */
  readonly service: string;
  readonly topicPrefix: string;
  readonly bus: Bus;
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly timings: HostTimings;
}

/** Durations that tests shorten; nobody else should have to. */
export interface HostTimings {
  /** A lease that is not renewed for this long is free (default 15 s): the longest time a mailbox stays unread after a kill. */
  readonly leaseMs: number;
  /** First wait after a failure of a poll or stream (default 1 s), doubled up to `backOffMaxMs` (default 60 s). */
  readonly backOffBaseMs: number;
  readonly backOffMaxMs: number;
  /** A publish that takes longer is refused (default 1 400 ms; `emit` must reject within 2 s). */
  readonly emitTimeoutMs: number;
  /** Longest time a webhook's `receive` may take (default 10 s). */
  readonly webhookTimeoutMs: number;
  /** Longest time a `send` may take (default 60 s). */
  readonly sendTimeoutMs: number;
  /** Attempts at a reply that fails with a retriable code (default 12: about 40 minutes). */
  readonly sendAttempts: number;
  /** First wait before a reply is tried again (default 1 s), doubled up to `sendBackOffMaxMs` (default 10 min). */
  readonly sendBackOffBaseMs: number;
  readonly sendBackOffMaxMs: number;
  /** How often waiting replies and transcripts are looked after although nobody told of any (default 1 s). */
  readonly sweepMs: number;
}

export const DEFAULT_TIMINGS: HostTimings = {
  leaseMs: 15_000,
  backOffBaseMs: 1_000,
  backOffMaxMs: 60_000,
  emitTimeoutMs: 1_400,
  webhookTimeoutMs: 10_000,
  sendTimeoutMs: 60_000,
  sendAttempts: 12,
  sendBackOffBaseMs: 1_000,
  sendBackOffMaxMs: 600_000,
  sweepMs: 1_000,
};

/** Doubling wait with jitter: between half and all of base · 2^(failures − 1), never above `maxMs`. */
export function backOffMs(failures: number, baseMs: number, maxMs: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(full * (0.5 + Math.random() / 2));
}
