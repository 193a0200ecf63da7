import { FaninError } from '@fanin/kernel';
import { brokerAnswered, isClientError, toFaninError } from './errors.js';
import type { LowLevelBroker, LowLevelCluster } from './low-level.js';
import { createLowLevelCluster } from './low-level.js';
import type { Settings } from './options.js';
import { createSockets } from './sockets.js';
import { within } from './within.js';

const ATTEMPTS = 4;
const RETRY_MS = 150;
/** A partition without a leader has this one. */
const NO_LEADER = -1;

/** One connection pool for questions outside the produce and consume paths; connects when first asked. */
export class ClusterAccess {
  private readonly sockets = createSockets();
  private readonly cluster: LowLevelCluster;

  constructor(private readonly settings: Settings) {
    this.cluster = createLowLevelCluster(settings, this.sockets);
  }

  /** Runs `work`, a few times when brokers come and go, with fresh metadata each time. */
  async run<T>(doing: string, topics: readonly string[], work: (cluster: LowLevelCluster) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!this.cluster.isConnected()) await this.cluster.connect();
        await this.cluster.addMultipleTargetTopics(topics);
        if (attempt > 1) await this.cluster.refreshMetadata();
        return await work(this.cluster);
      } catch (error) {
        this.forget(error);
        const known = toFaninError(error, doing);
        // A broker that just came up, or heard of the topic a moment ago, may not know it yet.
        const again = known.code === 'TRANSIENT' || (isClientError(error, 'UNKNOWN_TOPIC_OR_PARTITION') && attempt < 3);
        if (!again || attempt === ATTEMPTS) throw known;
        await this.settings.deps.clock.sleep(RETRY_MS * attempt);
      }
    }
  }

  /** Partitions of a topic in order; CONFIG when there is no such topic. */
  async partitions(topic: string): Promise<readonly number[]> {
    return this.run(`looking up the topic ${topic}`, [topic], async (cluster) => {
      const found = cluster.findTopicPartitionMetadata(topic);
      if (found.length === 0)
        throw new FaninError(
          'CONFIG',
          `The topic ${topic} does not exist on Kafka. Create it (deploy/kafka) or let a service with the right to do so start first.`,
        );
      return found.map((each) => each.partitionId).sort((a, b) => a - b);
    });
  }

  /** Number of partitions; TRANSIENT while one of them has no leader. */
  async partitionsWithLeaders(topic: string): Promise<number> {
    return this.run(`looking up the leaders of ${topic}`, [topic], async (cluster) => {
      const found = cluster.findTopicPartitionMetadata(topic);
      if (found.length === 0 || found.some((each) => each.leader === NO_LEADER)) {
        throw new FaninError('TRANSIENT', `The topic ${topic} has partitions without a leader.`);
      }
      return found.length;
    });
  }

  async leaderOf(
    cluster: LowLevelCluster,
    topic: string,
    partition: number,
  ): Promise<ReturnType<LowLevelCluster['findBroker']>> {
    const found = cluster.findTopicPartitionMetadata(topic).find((each) => each.partitionId === partition);
    if (found === undefined) throw new FaninError('CONFIG', `The topic ${topic} has no partition ${partition}.`);
    if (found.leader === NO_LEADER)
      throw new FaninError('TRANSIENT', `Partition ${partition} of ${topic} has no leader now.`);
    return cluster.findBroker({ nodeId: found.leader });
  }

  /** The leader as last heard, without asking; undefined when there is none or nothing was heard yet. */
  knownLeader(topic: string, partition: number): number | undefined {
    try {
      const leader = this.cluster
        .findTopicPartitionMetadata(topic)
        .find((each) => each.partitionId === partition)?.leader;
      return leader === NO_LEADER ? undefined : leader;
    } catch {
      return undefined; // nothing was asked yet
    }
  }

  /** One question on a connection to this broker; no second attempt. */
  async ask<T>(nodeId: number, work: (broker: LowLevelBroker) => Promise<T>): Promise<T> {
    try {
      if (!this.cluster.isConnected()) await this.cluster.connect();
      return await work(await this.cluster.findBroker({ nodeId }));
    } catch (error) {
      this.forget(error);
      throw error;
    }
  }

  async answers(timeoutMs: number): Promise<boolean> {
    const ask = async (): Promise<boolean> => {
      try {
        if (!this.cluster.isConnected()) await this.cluster.connect();
        await this.cluster.refreshMetadata();
        return true;
      } catch (error) {
        this.forget(error);
        return brokerAnswered(error);
      }
    };
    return (await within(this.settings.deps.clock, timeoutMs, ask())) ?? false;
  }

  async close(): Promise<void> {
    await within(
      this.settings.deps.clock,
      1_000,
      this.cluster.disconnect().catch(() => undefined),
    );
    this.sockets.destroy();
  }

  /** Cuts the connections without a word. */
  cutOff(): void {
    this.sockets.destroy();
  }

  private forget(error: unknown): void {
    // One topic that is gone would fail the metadata request of all others for ever.
    if (isClientError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) this.cluster.targetTopics.clear();
    const gone = error as { name?: string; host?: string; port?: number };
    if (gone.name !== 'KafkaJSConnectionClosedError' || gone.host === undefined || gone.port === undefined) return;
    this.cluster.removeBroker({ host: gone.host, port: gone.port });
  }
}
