import type { Bus } from '@fanin/bus';
import type { BlobStore } from '@fanin/connector-kit';
import type { Clock, CrashPoints, Logger, Metrics } from '@fanin/kernel';
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
  readonly crashPoints: CrashPoints;
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
  /** First wait after the provider refused the credentials of an account (default 30 s), doubled up to `credentialsRetryMaxMs` (default 5 min). */
  readonly credentialsRetryMs: number;
  readonly credentialsRetryMaxMs: number;
  /** How often an account that is only called from outside is asked whether it works (default 60 s), and how long that may take (default 10 s). */
  readonly checkMs: number;
  readonly checkTimeoutMs: number;
  /** Longest time one `poll` may take (default 3 min): its signal aborts then, and the account is read anew. */
  readonly pollTimeoutMs: number;
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
  /** Shortest wait before a provider is asked whether a reply went out (default 5 s): what was cut off may still arrive there. */
  readonly reconcileDelayMs: number;
  /** How often waiting replies and transcripts are looked after although nobody told of any (default 1 s). */
  readonly sweepMs: number;
  /** How often requests of other replicas to look at an account are looked for (default 5 s). */
  readonly upkeepMs: number;
  /** Time for the attachments of a delivery before it is published (default 4 s); the rest is fetched in the background. */
  readonly mediaBudgetMs: number;
  /** After a fetch that took the whole budget, attachments of the account go to the background at once (default 30 s). */
  readonly mediaBreakerMs: number;
  /** Attempts in the background (default 12: about half an hour), the first wait (default 5 s), doubled up to the longest (default 5 min). */
  readonly mediaAttempts: number;
  readonly mediaBackOffBaseMs: number;
  readonly mediaBackOffMaxMs: number;
  /** Longest time one fetch in the background may take (default 60 s). */
  readonly mediaTimeoutMs: number;
}

export const DEFAULT_TIMINGS: HostTimings = {
  leaseMs: 15_000,
  backOffBaseMs: 1_000,
  backOffMaxMs: 60_000,
  credentialsRetryMs: 30_000,
  credentialsRetryMaxMs: 300_000,
  checkMs: 60_000,
  checkTimeoutMs: 10_000,
  pollTimeoutMs: 180_000,
  emitTimeoutMs: 1_400,
  webhookTimeoutMs: 10_000,
  sendTimeoutMs: 60_000,
  sendAttempts: 12,
  sendBackOffBaseMs: 1_000,
  sendBackOffMaxMs: 600_000,
  reconcileDelayMs: 5_000,
  sweepMs: 1_000,
  upkeepMs: 5_000,
  mediaBudgetMs: 4_000,
  mediaBreakerMs: 30_000,
  mediaAttempts: 12,
  mediaBackOffBaseMs: 5_000,
  mediaBackOffMaxMs: 300_000,
  mediaTimeoutMs: 60_000,
};

/** Doubling wait with jitter: between half and all of base · 2^(failures − 1), never above `maxMs`. */
export function backOffMs(failures: number, baseMs: number, maxMs: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(full * (0.5 + Math.random() / 2));
}
