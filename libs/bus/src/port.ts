import type { Metrics, Logger, Clock } from '@fanin/kernel';

/** A record on its way to the log. */
export interface OutgoingRecord {
  /** Decides the partition; records of one key keep their order. Holds no address and no phone number. */
  readonly key: string;
  /** null is a tombstone: on a compacted topic it deletes the key. */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Record timestamp in epoch milliseconds; the log's own clock when absent. */
  readonly timestampMs?: number;
}

/** A record read from the log. */
export interface BusRecord {
  readonly topic: string;
  readonly partition: number;
  /** Position in the partition: dense enough to order by, not gap-free. */
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** Records of one topic, of one partition or of several; each partition's in a row and in offset order. Never empty. */
export interface RecordBatch {
  readonly topic: string;
  readonly records: readonly BusRecord[];
}

/** What a batch handler may use while it works. */
export interface BatchContext {
  /** Aborts when the partitions are taken away or the subscription stops: nothing may be written after that. */
  readonly signal: AbortSignal;
  /** Keeps the partitions ours during long work; cheap, call it between steps that take longer than a second. */
  heartbeat(): Promise<void>;
  /** Marks this record and all before it in the batch as done, so that a failure later in the batch repeats only the rest. */
  resolve(record: BusRecord): void;
}

/**
 * Called by the engine, one batch at a time per partition. When it returns, every record of the batch is done and the
 * positions behind them are committed. When it throws, the positions stay behind what `resolve` named and the rest comes
 * again after a back-off, each partition by itself; a throw that is no FaninError with a retriable code is fatal: the subscription stops, its
 * `failed` promise rejects, and the service must leave.
 */
export type BatchHandler = (batch: RecordBatch, context: BatchContext) => Promise<void>;

export interface SubscribeOptions {
  readonly topics: readonly string[];
  /** Members of one group share the partitions; groups are independent of each other. */
  readonly group: string;
  readonly handler: BatchHandler;
  /** At most this many records per batch (default 500). */
  readonly maxRecords?: number;
  /**
   * How long records may wait for company (default: not at all). For groups that nobody waits for: each batch is a transaction and
   * a commit, whatever its size. An engine that reads at no such cost may ignore it.
   */
  readonly lingerMs?: number;
  /** Where a group without a committed position begins (default 'earliest'). */
  readonly from?: 'earliest' | 'latest';
}

export interface Subscription {
  /** Stops fetching, waits for batches in work (at most `deadlineMs`, default 10 000), commits, leaves the group. */
  stop(deadlineMs?: number): Promise<void>;
  /** Partitions held now, by topic: for readiness and for tests. */
  assigned(): ReadonlyMap<string, readonly number[]>;
  /** Never resolves; rejects when the subscription died of something that a restart of the process must mend. */
  readonly failed: Promise<never>;
}

/** A topic as its owner declares it. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** How long records are kept, in milliseconds; -1 keeps them for ever. */
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact' | 'compact,delete';
}

export interface PartitionPosition {
  readonly topic: string;
  readonly partition: number;
  /** Oldest offset still kept. */
  readonly earliest: bigint;
  /** Offset that the next record will have (or more). */
  readonly end: bigint;
  /** Next offset the group will read; null while it never committed. */
  readonly committed: bigint | null;
}

export interface ReadOptions {
  /** First offset wanted, inclusive. */
  readonly fromOffset?: bigint;
  /** Or: first record whose timestamp is at least this. */
  readonly fromTimeMs?: number;
  readonly limit: number;
}

/**
 * The partitioned log. Two engines implement it, Kafka and PostgreSQL, and one suite holds both to these words.
 * All methods may be called concurrently.
 */
export interface Bus {
  readonly engine: 'kafka' | 'postgres';
  /**
   * Resolves when all records are durable on their partitions. Records of one call and one key keep their order, and so
   * do calls made one after another without awaiting. Rejects with FaninError TRANSIENT when the deadline passes or the
   * log cannot be reached (a rejected record may still have been written: duplicates are the reader's business),
   * CONFIG when the topic does not exist, BAD_PAYLOAD when a record is larger than the log takes.
   */
  publish(topic: string, records: readonly OutgoingRecord[], options?: { readonly timeoutMs?: number }): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Creates what is missing; never shrinks, never deletes. CONFIG when an existing topic has another partition count. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Reads a partition without a group: for re-drive, replay, inspection. Returns at most `limit` records, maybe none. */
  read(topic: string, partition: number, options: ReadOptions): Promise<readonly BusRecord[]>;
  positions(topic: string, group: string): Promise<readonly PartitionPosition[]>;
  /** Moves a group's position; refused with CONFIG while the group has live members. */
  seek(
    topic: string,
    group: string,
    to: { readonly offset: bigint; readonly partition: number } | { readonly timeMs: number },
  ): Promise<void>;
  /** Resolves true when the log answers within `timeoutMs`. Never rejects. */
  reachable(timeoutMs: number): Promise<boolean>;
  /** Stops subscriptions, flushes lanes, closes connections. Idempotent. */
  close(): Promise<void>;
}

/** What both engines are built with. */
export interface BusDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Injection token of the bus. */
export const BUS = Symbol('Bus');
