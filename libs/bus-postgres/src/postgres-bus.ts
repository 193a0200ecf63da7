import type {
  Bus,
  BusRecord,
  Lanes,
  OutgoingRecord,
  PartitionPosition,
  ReadOptions,
  SubscribeOptions,
  Subscription,
  TopicSpec,
} from '@fanin/bus';
import { createLanes } from '@fanin/bus';
import { codeOf, FaninError } from '@fanin/kernel';
import { append } from './append.js';
import type { Topic } from './catalog.js';
import { Catalog } from './catalog.js';
import { Database } from './database.js';
import { readPartition } from './fetch.js';
import { Listener } from './listener.js';
import { Maintenance } from './maintenance.js';
import type { PostgresBusOptions } from './options.js';
import type { SeekTarget } from './positions.js';
import { positionsOf, seekGroup } from './positions.js';
import { PostgresSubscription } from './subscription.js';

export interface PostgresBus extends Bus {
  readonly engine: 'postgres';
  /** Rolls, drops and compacts segments now; one bus at a time does it, the others return at once. */
  maintain(): Promise<void>;
}

const DEFAULT_BATCH_BYTES = 8 * 1024 * 1024;
/** Partitions that share one transaction, and so one flush to disk. */
const LANES_PER_SEND = 16;
/** Each waits 2 s for a connection: half a minute in all where they are busy, a moment where nobody answers. */
const LOOKUPS = 12;
const LOOKUP_PAUSE_MS = 200;

class Log implements PostgresBus {
  readonly engine = 'postgres' as const;
  private readonly database: Database;
  private readonly catalog: Catalog;
  private readonly lanes: Lanes;
  private readonly listener: Listener;
  private readonly maintenance: Maintenance;
  private readonly subscriptions = new Set<Subscription>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: PostgresBusOptions) {
    const { clock, logger, metrics } = options;
    this.database = new Database(options.url, options.schema ?? 'bus', options.connections ?? 4, logger);
    this.catalog = new Catalog(this.database);
    this.listener = new Listener(this.database, clock, logger, options.pollMs ?? 1_000);
    this.maintenance = new Maintenance(this.database, clock, logger, metrics, options.maintenance ?? {});
    this.lanes = createLanes({
      clock,
      send: (batches) => append(this.database, this.catalog, batches),
      partitionsOf: async (topic) => (await this.catalog.topic(topic)).partitions,
      maxLanesPerSend: LANES_PER_SEND,
      // One flush to disk runs while the next transaction is being filled.
      maxConcurrentSends: 2,
      maxBatchBytes: 512 * 1024,
      ...(options.lingerMs === undefined ? {} : { lingerMs: options.lingerMs }),
      ...(options.maxRecordBytes === undefined ? {} : { maxRecordBytes: options.maxRecordBytes }),
    });
    this.maintenance.start();
  }

  publish(topic: string, records: readonly OutgoingRecord[], options?: { readonly timeoutMs?: number }): Promise<void> {
    return this.lanes.publish(topic, records, options);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.refuseWhenClosed();
    const topics = new Map<number, Topic>();
    for (const name of options.topics) {
      const topic = await this.topicInTurn(name);
      topics.set(topic.id, topic);
    }
    if (topics.size === 0) throw new FaninError('CONFIG', `group ${options.group} subscribes to no topic`);
    this.refuseWhenClosed();
    const { clock, logger, metrics } = this.options;
    const subscription = new PostgresSubscription(topics, options, {
      database: this.database,
      listener: this.listener,
      clock,
      logger,
      metrics,
      sessionMs: this.options.sessionMs ?? 10_000,
      maxBatchBytes: this.options.maxBatchBytes ?? DEFAULT_BATCH_BYTES,
      onStopped: (stopped) => this.subscriptions.delete(stopped),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  /** While our own workers read a backlog they hold the few connections there are: who joins meanwhile waits its turn. */
  private async topicInTurn(name: string): Promise<Topic> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.catalog.topic(name);
      } catch (error) {
        if (codeOf(error) !== 'TRANSIENT' || attempt === LOOKUPS) throw error;
        await this.options.clock.sleep(LOOKUP_PAUSE_MS);
        this.refuseWhenClosed();
      }
    }
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.catalog.ensure(topics);
  }

  async read(topic: string, partition: number, options: ReadOptions): Promise<readonly BusRecord[]> {
    return readPartition(
      this.database,
      await this.catalog.topic(topic),
      partition,
      options,
      this.options.maxBatchBytes ?? DEFAULT_BATCH_BYTES,
    );
  }

  async positions(topic: string, group: string): Promise<readonly PartitionPosition[]> {
    return positionsOf(this.database, await this.catalog.topic(topic), group);
  }

  async seek(topic: string, group: string, to: SeekTarget): Promise<void> {
    return seekGroup(this.database, await this.catalog.topic(topic), group, to);
  }

  reachable(timeoutMs: number): Promise<boolean> {
    return this.database.answers(timeoutMs);
  }

  maintain(): Promise<void> {
    return this.maintenance.run();
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.lanes.close();
    await this.maintenance.stop();
    await this.listener.stop();
    await this.database.end();
  }

  private refuseWhenClosed(): void {
    if (this.closing !== undefined) throw new FaninError('TRANSIENT', 'the bus is closed');
  }
}

/** The partitioned log in PostgreSQL. Connects lazily, makes its schema on first use, reconnects by itself. */
export function createPostgresBus(options: PostgresBusOptions): PostgresBus {
  return new Log(options);
}
