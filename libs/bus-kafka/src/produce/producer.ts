import type { LaneBatch, OutgoingRecord, Outcomes } from '@fanin/bus';
import { FaninError } from '@fanin/kernel';
import type { ClusterAccess } from '../cluster-access.js';
import { toFaninError } from '../errors.js';
import { protocolError } from '../low-level.js';
import type { Settings } from '../options.js';
import { PRODUCE_RESPONSE, produceRequest, type PartitionAnswer } from './produce-request.js';

/** RecordBatch.NO_TIMESTAMP of the protocol: dated by nobody, taken by every broker. */
const NO_TIME_MS = -1;

/**
 * Sends the batches of one leader in one request, and tells of each partition what became of it. The lanes keep one send
 * in flight per partition and try again; nothing is tried again here.
 *
 * kafkajs' own `send` is passed by, its connections are not. It remembers which brokers have answered, not which
 * partitions, and so acknowledges records that no broker took when a leader changes (kafkajs#1303); it reports one error
 * for all partitions; and it spends most of its time on making buffers.
 *
 * The producer is plain, not idempotent: a lane may give up on records whose callers have left, so it cannot promise to
 * send the same content under the same sequence again. The price is that records in flight at a leader change may be
 * stored twice: readers decide duplicates.
 */
export class LeaderProducer {
  private refreshing: Promise<void> | undefined;
  private stale = false;

  constructor(
    private readonly settings: Settings,
    private readonly access: ClusterAccess,
  ) {}

  async partitionsOf(topic: string): Promise<number> {
    return (await this.access.partitions(topic)).length;
  }

  /** Which batches may share a send; changes when leaders do. */
  leaderOf(topic: string, partition: number): number | undefined {
    return this.access.knownLeader(topic, partition);
  }

  async send(batches: readonly LaneBatch[]): Promise<Outcomes> {
    try {
      if (this.stale) await this.refresh(batches);
      return await this.sendToLeaders(batches);
    } catch (error) {
      this.stale = true;
      const known = toFaninError(error, 'looking up leaders');
      // Whose topic is gone shows when each is asked about alone.
      const shared = batches.length === 1 ? known : new FaninError('TRANSIENT', known.message, { cause: known });
      return batches.map(() => shared);
    }
  }

  close(): Promise<void> {
    return this.access.close();
  }

  /** Cuts the connections without a word. */
  cutOff(): void {
    this.access.cutOff();
  }

  /** The lanes group by leader; when leaders changed meanwhile, a group falls apart here. */
  private async sendToLeaders(batches: readonly LaneBatch[]): Promise<Outcomes> {
    const groups = new Map<number | undefined, LaneBatch[]>();
    for (const batch of batches) {
      const leader = this.leaderOf(batch.topic, batch.partition);
      const known = groups.get(leader);
      if (known === undefined) groups.set(leader, [batch]);
      else known.push(batch);
    }
    const outcomes = new Map<LaneBatch, FaninError | undefined>();
    await Promise.all(
      [...groups].map(async ([leader, group]) => {
        const answers = await this.sendToLeader(leader, group);
        group.forEach((batch, index) => outcomes.set(batch, answers[index]));
      }),
    );
    return batches.map((batch) => outcomes.get(batch));
  }

  private async sendToLeader(leader: number | undefined, batches: readonly LaneBatch[]): Promise<Outcomes> {
    if (leader === undefined) {
      this.stale = true;
      return batches.map((batch) => new FaninError('TRANSIENT', `Kafka: ${nameOf(batch)} has no leader now`));
    }
    const timeoutMs = Math.max(1_000, this.settings.requestTimeoutMs - 2_000);
    let answers: readonly PartitionAnswer[];
    try {
      const request = produceRequest(batches, timeoutMs, this.settings.deps.clock.now());
      answers = await this.access.ask(leader, ({ connectionPool }) =>
        connectionPool.send({ request, response: PRODUCE_RESPONSE }),
      );
    } catch (error) {
      this.stale = true;
      const known = toFaninError(error, `sending to ${batches.map(nameOf).slice(0, 3).join(', ')}`);
      return batches.map(() => known);
    }
    return Promise.all(batches.map((batch) => this.outcomeOf(batch, answers)));
  }

  private outcomeOf(batch: LaneBatch, answers: readonly PartitionAnswer[]): Promise<FaninError | undefined> {
    const answer = answers.find((each) => each.topic === batch.topic && each.partition === batch.partition);
    if (answer?.errorCode === 0) return Promise.resolve(undefined);
    if (answer === undefined) {
      this.settings.deps.metrics.count('fanin_bus_sends_unacknowledged_total', { topic: batch.topic });
      const text = `Kafka: the acknowledgement does not cover ${nameOf(batch)}`;
      return Promise.resolve(new FaninError('TRANSIENT', text));
    }
    const error = protocolError(answer.errorCode);
    // A topic that was made a moment ago, or is being deleted and made again: its leaders are asked for anew.
    if (error.retriable || error.type === 'UNKNOWN_TOPIC_OR_PARTITION') {
      this.stale = true;
      return Promise.resolve(
        new FaninError('TRANSIENT', `Kafka: ${nameOf(batch)} took nothing: ${error.type}`, { cause: error }),
      );
    }
    if (error.type === 'INVALID_TIMESTAMP') {
      const undated = this.undated(batch);
      if (undated !== undefined) return this.sendAlone(undated);
    }
    const known = toFaninError(error, `sending ${batch.records.length} records to ${nameOf(batch)}`);
    if (known.code !== 'BAD_PAYLOAD' || batch.records.length === 1) return Promise.resolve(known);
    return this.sendHalves(batch);
  }

  /** The topic's limit is for a whole batch: halves, in order, until one record alone is too large. */
  private async sendHalves(batch: LaneBatch): Promise<FaninError | undefined> {
    const middle = Math.ceil(batch.records.length / 2);
    for (const records of [batch.records.slice(0, middle), batch.records.slice(middle)]) {
      const outcome = await this.sendAlone({ ...batch, records });
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  private async sendAlone(batch: LaneBatch): Promise<FaninError | undefined> {
    const [outcome] = await this.send([batch]);
    return outcome;
  }

  /**
   * Brokers refuse records dated more than an hour ahead of their own clock (message.timestamp.after.max.ms, Kafka 4), and a
   * clock that is wrong, a provider's or ours, must not cost a message: its record goes without a time. First what is ahead
   * of our own clock, then all; undefined when none has a time any more.
   */
  private undated(batch: LaneBatch): LaneBatch | undefined {
    const { clock, logger, metrics } = this.settings.deps;
    const now = clock.now();
    const isAhead = ({ timestampMs }: OutgoingRecord): boolean => (timestampMs ?? 0) > now;
    const which = batch.records.some(isAhead) ? isAhead : (): boolean => true;
    if (batch.records.every(({ timestampMs }) => timestampMs === NO_TIME_MS)) return undefined;
    metrics.count('fanin_bus_records_undated_total', { topic: batch.topic });
    logger.warn('The brokers refuse the time of records; they go without. Set the clocks right.', {
      topic: batch.topic,
      partition: batch.partition,
    });
    const records = batch.records.map((record) => (which(record) ? { ...record, timestampMs: NO_TIME_MS } : record));
    return { ...batch, records };
  }

  private async refresh(batches: readonly LaneBatch[]): Promise<void> {
    this.refreshing ??= this.access
      .run('looking up leaders', [...new Set(batches.map(({ topic }) => topic))], (cluster) =>
        cluster.refreshMetadata(),
      )
      .then(() => {
        this.stale = false;
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    await this.refreshing;
  }
}

const nameOf = ({ topic, partition }: LaneBatch): string => `partition ${partition} of ${topic}`;
