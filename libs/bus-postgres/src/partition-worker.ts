import type { BatchContext, BatchHandler, BusRecord } from '@fanin/bus';
import type { Clock, Logger, Metrics } from '@fanin/kernel';
import { createStop, ERROR_TRAITS, FaninError, codeOf, messageOf } from '@fanin/kernel';
import type { Topic } from './catalog.js';
import type { Database } from './database.js';
import { busError } from './database.js';
import type { Cursor, Fetched } from './fetch.js';
import { fetchFrom } from './fetch.js';
import type { Claim, Membership } from './membership.js';
import { WakeUp } from './wake-up.js';

export interface WorkerDependencies {
  readonly database: Database;
  readonly membership: Membership;
  readonly handler: BatchHandler;
  readonly group: string;
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Throws when the member may have lost its partitions; called by the handler's `heartbeat`. */
  readonly heartbeat: () => Promise<void>;
  /** A throw that repetition will not mend: the subscription ends. */
  readonly onFatal: (error: unknown) => void;
}

const MAX_BACKOFF_MS = 10_000;

/** Reads one partition for as long as it is ours: fetch, hand over, commit; one batch is fetched ahead. */
export class PartitionWorker {
  /** Resolves when the worker has let go; never rejects. */
  readonly done: Promise<void>;
  private readonly lost = createStop();
  private readonly leaving = new AbortController();
  private readonly wakeUp = new WakeUp();
  private cursor: Cursor;
  private committed: bigint;

  constructor(
    readonly topic: Topic,
    readonly claim: Claim,
    private readonly deps: WorkerDependencies,
  ) {
    this.committed = claim.position ?? 0n;
    this.cursor = { offset: this.committed, segment: 0 };
    this.wakeUp.wake();
    this.done = this.run();
  }

  get partition(): number {
    return this.claim.partition;
  }

  /** Tells that there may be records up to `nextOffset`. */
  wake(nextOffset: bigint | undefined): void {
    if (nextOffset === undefined || nextOffset > this.cursor.offset) this.wakeUp.wake();
  }

  /** Finishes and commits the batch in work, then lets go. */
  finish(): void {
    this.leaving.abort();
    this.wakeUp.wake();
  }

  /** The partition is another's by now: nothing may be written or committed any more. */
  lose(): void {
    this.lost.abort();
    this.finish();
  }

  private get over(): boolean {
    return this.leaving.signal.aborted;
  }

  private async run(): Promise<void> {
    const { clock, logger } = this.deps;
    for (let failures = 0; !this.over;) {
      try {
        await this.drain(() => (failures = 0));
        if (!this.over) await this.wakeUp.wait();
      } catch (error) {
        if (this.lost.signal.aborted) return;
        if (!ERROR_TRAITS[codeOf(error)].retriable) {
          this.deps.onFatal(error);
          return;
        }
        const pauseMs = Math.min(MAX_BACKOFF_MS, 200 * 2 ** failures);
        failures += 1;
        logger.warn('a batch failed and comes again', {
          ...this.where(),
          code: codeOf(error),
          reason: messageOf(error),
          pauseMs,
        });
        this.cursor = { offset: this.committed, segment: 0 };
        await clock.sleep(pauseMs, this.leaving.signal);
        this.wakeUp.wake();
      }
    }
  }

  /**
   * Hands over batch after batch until the partition is read to its end. While the handler works on one, the next is read:
   * what is in the log does not change, so a batch that was read early is the one that would be read later.
   */
  private async drain(onProgress: () => void): Promise<void> {
    let coming = this.fetch(this.cursor);
    while (!this.over) {
      const fetched = await coming;
      if (fetched.records.length === 0 || this.over) return;
      this.tellGap(fetched.records);
      // Read to the end, as far as we know: what is written after this fetch wakes us.
      if (fetched.full) coming = this.fetch(fetched.cursor);
      await this.handOver(fetched.records, fetched.cursor);
      onProgress();
      if (!fetched.full) return;
    }
  }

  /** Nobody need await it: when the batch before fails, or the partition goes, it is dropped and read again. */
  private fetch(cursor: Cursor): Promise<Fetched> {
    const { database, maxRecords, maxBytes } = this.deps;
    const fetched = fetchFrom(database, this.topic, this.partition, cursor, { maxRecords, maxBytes }).catch(
      (error: unknown) => {
        throw busError(error);
      },
    );
    fetched.catch(() => undefined);
    return fetched;
  }

  private async handOver(records: readonly BusRecord[], after: Cursor): Promise<void> {
    let resolved = this.committed - 1n;
    const context: BatchContext = {
      signal: this.lost.signal,
      heartbeat: async () => {
        if (this.lost.signal.aborted) throw new FaninError('TRANSIENT', 'the partition was taken away');
        await this.deps.heartbeat();
      },
      resolve: ({ offset }) => {
        if (offset > resolved) resolved = offset;
      },
    };
    try {
      await this.deps.handler({ topic: this.topic.name, records }, context);
    } catch (error) {
      if (resolved >= this.committed) await this.commit(resolved + 1n).catch(() => undefined);
      throw error;
    }
    this.cursor = after;
    await this.commit(after.offset);
  }

  /** Commits, for as long as the partition is ours; a failure to reach the log is waited out, the work is done already. */
  private async commit(position: bigint): Promise<void> {
    for (let failures = 0; !this.lost.signal.aborted; failures += 1) {
      try {
        if (await this.deps.membership.commit(this.claim, position)) {
          this.committed = position;
          return;
        }
        this.deps.logger.warn(
          'a position was not committed: the partition belongs to another member by now',
          this.where(),
        );
        this.deps.metrics.count('fanin_bus_fenced_total', { group: this.deps.group, topic: this.topic.name });
        this.lose();
      } catch (error) {
        if (!ERROR_TRAITS[codeOf(error)].retriable || (this.over && failures > 2)) throw error;
        await this.deps.clock.sleep(Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures), this.lost.signal);
      }
    }
  }

  /** Offsets have no gaps here, except where retention dropped records that the group had not read yet. */
  private tellGap(records: readonly BusRecord[]): void {
    const [first] = records;
    if (
      first === undefined ||
      first.offset === this.cursor.offset ||
      this.topic.cleanup !== 'delete' ||
      this.claim.position === null
    )
      return;
    const missed = Number(first.offset - this.cursor.offset);
    this.deps.logger.error('retention dropped records that this group had not read', { ...this.where(), missed });
    this.deps.metrics.count(
      'fanin_bus_missed_records_total',
      { group: this.deps.group, topic: this.topic.name },
      missed,
    );
  }

  private where(): Record<string, unknown> {
    return { group: this.deps.group, topic: this.topic.name, partition: this.partition };
  }
}
