import type { LaneBatch, OutgoingRecord } from '@fanin/bus';
import { FaninError } from '@fanin/kernel';
import type { Producer, RecordMetadata } from 'kafkajs';
import type { Client } from './client.js';
import { CLIENT_RETRY, createClient } from './client.js';
import { isClientError, toFaninError } from './errors.js';
import type { Settings } from './options.js';
import { toMessage } from './records.js';
import { within } from './within.js';

/** RecordBatch.NO_TIMESTAMP of the protocol: dated by nobody, taken by every broker. */
const NO_TIME_MS = -1;

function undated(records: readonly OutgoingRecord[], which: (record: OutgoingRecord) => boolean): OutgoingRecord[] {
  return records.map((record) => (which(record) ? { ...record, timestampMs: NO_TIME_MS } : record));
}

interface Connected {
  readonly producer: Producer;
  readonly client: Client;
}

/**
 * Sends the batch of one lane. Each send carries one partition, and the lanes keep one send in flight per partition:
 * when a leader changes, kafkajs remembers which brokers have answered, not which partitions, and acknowledges records
 * that no broker took (kafkajs#1303).
 *
 * The producer is plain, not idempotent. kafkajs rolls its sequence back after a lost acknowledgement, so the next send
 * carries the same sequence with other content, which a broker acknowledges without storing (kafkajs#1005); a lane may
 * give up on records whose callers have left, so it cannot promise to send the same content again. The idempotent form
 * also locks a whole broker for each send, retries without limit, and is dead after OUT_OF_ORDER_SEQUENCE (kafkajs#598).
 * The price of the plain one is that records in flight at a leader change may be stored twice: readers decide duplicates.
 */
export class LaneProducer {
  private connecting: Promise<Connected> | undefined;
  private current: Client | undefined;
  private closed = false;

  constructor(
    private readonly settings: Settings,
    /** Called when a topic turned out to be gone. */
    private readonly onUnknownTopic: (topic: string) => Promise<void>,
  ) {}

  async send(batch: LaneBatch): Promise<void> {
    try {
      await this.sendAtAnyTime(batch);
    } catch (error) {
      const known = toFaninError(error, `sending ${batch.records.length} records to ${batch.topic}`);
      if (known.code !== 'BAD_PAYLOAD' || batch.records.length === 1) throw known;
      // The topic's limit is for a whole batch: halves, in order, until one record alone is too large.
      const middle = Math.ceil(batch.records.length / 2);
      await this.send({ ...batch, records: batch.records.slice(0, middle) });
      await this.send({ ...batch, records: batch.records.slice(middle) });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.drop();
  }

  /** Cuts the connections without a word. */
  cutOff(): void {
    this.closed = true;
    this.current?.sockets.destroy();
  }

  /**
   * Brokers refuse records dated more than an hour ahead of their own clock (message.timestamp.after.max.ms, Kafka 4), and a
   * clock that is wrong, a provider's or ours, must not cost a message: its record goes without a time.
   */
  private async sendAtAnyTime(batch: LaneBatch): Promise<void> {
    const now = this.settings.deps.clock.now();
    const isAhead = (record: OutgoingRecord): boolean => (record.timestampMs ?? 0) > now;
    const rest = [isAhead, () => true];
    for (let { records } = batch; ;) {
      try {
        return await this.sendWhole({ ...batch, records });
      } catch (error) {
        const which = rest.shift();
        if (!isClientError(error, 'INVALID_TIMESTAMP') || which === undefined) throw error;
        records = undated(batch.records, which);
        const { logger, metrics } = this.settings.deps;
        metrics.count('fanin_bus_records_undated_total', { topic: batch.topic });
        logger.warn('The brokers refuse the time of records; they go without. Set the clocks right.', {
          topic: batch.topic,
          partition: batch.partition,
        });
      }
    }
  }

  private async sendWhole(batch: LaneBatch): Promise<void> {
    const { producer } = await this.connected();
    let acknowledged: readonly RecordMetadata[];
    try {
      acknowledged = await producer.send({
        topic: batch.topic,
        messages: batch.records.map((record) => toMessage(record, batch.partition)),
        acks: -1,
        timeout: Math.max(1_000, this.settings.requestTimeoutMs - 2_000),
      });
    } catch (error) {
      if (isClientError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) {
        // kafkajs would go on asking for the topic that is gone, and fail every send for it.
        await this.drop();
        await this.onUnknownTopic(batch.topic);
        throw new FaninError(
          'TRANSIENT',
          `Kafka: partition ${batch.partition} of ${batch.topic} is not known to its broker yet`,
        );
      }
      throw error;
    }
    this.assertAcknowledged(batch, acknowledged);
  }

  /** What `send` resolves with must name the partition sent; if not, no broker took the records and they go again. */
  private assertAcknowledged(batch: LaneBatch, acknowledged: readonly RecordMetadata[]): void {
    const covered = acknowledged.some(
      (each) => each.topicName === batch.topic && each.partition === batch.partition && each.errorCode === 0,
    );
    if (covered) return;
    this.settings.deps.metrics.count('fanin_bus_sends_unacknowledged_total', { topic: batch.topic });
    this.settings.deps.logger.warn('A send was acknowledged without its partition; it goes again', {
      topic: batch.topic,
      partition: batch.partition,
    });
    throw new FaninError('TRANSIENT', 'Kafka: the acknowledgement does not cover the partition sent');
  }

  private connected(): Promise<Connected> {
    if (this.closed) return Promise.reject(new FaninError('TRANSIENT', 'the bus is closed'));
    this.connecting ??= this.connect().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    return this.connecting;
  }

  private async connect(): Promise<Connected> {
    const client = createClient(this.settings);
    this.current = client;
    // The partition comes with every message; naming a partitioner also keeps kafkajs from warning about its default.
    const createPartitioner = () => (given: { message: { partition?: number } }) => given.message.partition ?? 0;
    const producer = client.kafka.producer({
      createPartitioner,
      allowAutoTopicCreation: false,
      idempotent: false,
      retry: CLIENT_RETRY,
    });
    try {
      await producer.connect();
      return { producer, client };
    } catch (error) {
      client.sockets.destroy();
      throw error;
    }
  }

  private async drop(): Promise<void> {
    const current = await this.connecting?.catch(() => undefined);
    this.connecting = undefined;
    if (current === undefined) return;
    await within(
      this.settings.deps.clock,
      1_000,
      current.producer.disconnect().catch(() => undefined),
    );
    current.client.sockets.destroy();
  }
}
