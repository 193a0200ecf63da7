import { cpus } from 'node:os';
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
import { FaninError } from '@fanin/kernel';
import { ClusterAccess } from './cluster-access.js';
import type { KafkaBusOptions, Settings } from './options.js';
import { withDefaults } from './options.js';
import { Positions } from './positions.js';
import { LeaderProducer } from './produce/producer.js';
import { KafkaSubscription } from './subscription.js';
import { ensureTopics } from './topics.js';
import { within } from './within.js';

/** Partitions in one request. */
const LANES_PER_SEND = 64;
/** Requests in flight at once, over one connection per broker: one for each leader, and those of partitions in trouble. */
const MAX_CONCURRENT_SENDS = 64;
const CLOSE_DEADLINE_MS = 10_000;

export class KafkaBus implements Bus {
  readonly engine = 'kafka' as const;
  private readonly access: ClusterAccess;
  private readonly found: Positions;
  private readonly producer: LeaderProducer;
  private readonly lanes: Lanes;
  private readonly subscriptions = new Set<KafkaSubscription>();
  private closing: Promise<void> | undefined;

  constructor(private readonly settings: Settings) {
    this.access = new ClusterAccess(settings);
    this.found = new Positions(this.access);
    this.producer = new LeaderProducer(settings, new ClusterAccess(settings));
    this.lanes = createLanes({
      send: (batches) => this.producer.send(batches),
      partitionsOf: (topic) => this.producer.partitionsOf(topic),
      routeOf: (topic, partition) => this.producer.leaderOf(topic, partition),
      clock: settings.deps.clock,
      maxLanesPerSend: LANES_PER_SEND,
      maxSendsPerRoute: 1,
      maxConcurrentSends: MAX_CONCURRENT_SENDS,
      ...(settings.publishTimeoutMs === undefined ? {} : { timeoutMs: settings.publishTimeoutMs }),
    });
  }

  publish(topic: string, records: readonly OutgoingRecord[], options?: { readonly timeoutMs?: number }): Promise<void> {
    return this.lanes.publish(topic, records, options);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.refuseWhenClosed();
    for (const topic of options.topics) await this.access.partitions(topic);
    if (options.from === 'latest')
      for (const topic of options.topics) await this.found.startAtEnd(topic, options.group);
    this.refuseWhenClosed();
    const subscription = new KafkaSubscription(this.settings, options, (ended) => this.subscriptions.delete(ended));
    this.subscriptions.add(subscription);
    await subscription.start();
    return subscription;
  }

  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return ensureTopics(this.settings, this.access, topics);
  }

  read(topic: string, partition: number, options: ReadOptions): Promise<readonly BusRecord[]> {
    return this.found.read(topic, partition, options);
  }

  positions(topic: string, group: string): Promise<readonly PartitionPosition[]> {
    return this.found.positions(topic, group);
  }

  seek(
    topic: string,
    group: string,
    to: { readonly offset: bigint; readonly partition: number } | { readonly timeMs: number },
  ): Promise<void> {
    return this.found.seek(topic, group, to);
  }

  async reachable(timeoutMs: number): Promise<boolean> {
    return this.closing === undefined && this.access.answers(timeoutMs);
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([...this.subscriptions].map((subscription) => subscription.stop(CLOSE_DEADLINE_MS)));
      await within(this.settings.deps.clock, CLOSE_DEADLINE_MS, this.lanes.close());
      await Promise.all([this.producer.close(), this.access.close()]);
    })();
    return this.closing;
  }

  /** As a killed process: every connection is cut, no group is left, nothing is committed. For tests of takeover. */
  cutOff(): void {
    for (const subscription of this.subscriptions) subscription.cutOff();
    this.subscriptions.clear();
    this.producer.cutOff();
    this.access.cutOff();
    this.closing ??= Promise.all([this.lanes.close(), this.producer.close(), this.access.close()]).then(
      () => undefined,
    );
  }

  private refuseWhenClosed(): void {
    if (this.closing !== undefined) throw new FaninError('TRANSIENT', 'the bus is closed');
  }
}

/** The bus over Kafka. Connects when first used. */
export function createKafkaBus(options: KafkaBusOptions): KafkaBus {
  if (options.brokers.length === 0)
    throw new FaninError('CONFIG', 'bus: name at least one Kafka broker, for example kafka:9092');
  for (const broker of options.brokers) {
    if (!/^[^:\s]+:\d+$/.test(broker))
      throw new FaninError(
        'CONFIG',
        `bus: ${JSON.stringify(broker)} is no broker address; write host:port, for example kafka:9092`,
      );
  }
  return new KafkaBus(withDefaults(options, cpus().length));
}
