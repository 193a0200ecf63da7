import type { BusDependencies } from '@fanin/bus';

export interface PostgresBusOptions extends BusDependencies {
  /** Connection string of the database that holds the log. */
  readonly url: string;
  /** Schema of the log's tables (default `bus`). */
  readonly schema?: string;
  /**
   * Connections at most for publishing, fetching and committing (default 4; closed after 10 idle seconds). One more stays
   * open to listen for new records while there are subscriptions.
   */
  readonly connections?: number;
  /** A member that gives no sign of life for this long has lost its partitions (default 10 000). */
  readonly sessionMs?: number;
  /** How often to look for new records although nobody told of any (default 1 000). */
  readonly pollMs?: number;
  /** Bytes of values at most in one batch handed to a handler (default 8 MiB); a larger record comes alone. */
  readonly maxBatchBytes?: number;
  /** Largest record taken (default 900 000, as on Kafka). */
  readonly maxRecordBytes?: number;
  /** How long the first record of a send waits for company (default 2). */
  readonly lingerMs?: number;
  readonly maintenance?: MaintenanceOptions;
}

export interface MaintenanceOptions {
  /** How often segments are looked after (default 60 000; 0 = only when `maintain` is called). */
  readonly everyMs?: number;
  /** A segment is closed at this size (default 256 MiB) … */
  readonly segmentBytes?: number;
  /** … or this age (default: an eighth of the topic's retention, between a minute and a day). */
  readonly segmentMs?: number;
  /** How long a tombstone is kept on a compacted topic: longer than any consumer is away (default 7 days). */
  readonly tombstoneMs?: number;
}
