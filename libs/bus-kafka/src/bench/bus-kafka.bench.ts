import { randomBytes } from 'node:crypto';
import type { OutgoingRecord } from '@fanin/bus';
import { partitionOf } from '@fanin/bus';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { median, ownCpuSeconds, type Figure } from '@fanin/test-kit';
import type { Consumer, Producer } from 'kafkajs';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import type { KafkaBus } from '../kafka-bus.js';
import { createKafkaBus } from '../kafka-bus.js';

export interface BusKafkaFigures {
  readonly bus_kafka_produce: Figure;
  readonly bus_kafka_consume: Figure;
}

const PARTITIONS = 6;
const RECORD_BYTES = 1_024;
/** About 0.9 MB a batch: brokers take 1 MiB. */
const BATCH = 800;
const BATCHES = 60;
const ROUNDS = 3;
const RECORDS = BATCH * BATCHES;

/**
 * 1 KiB records over 6 partitions in batches of 800. Both sides send the same batches, one per partition and send,
 * and consume the same topic in groups of their own; rounds alternate, and the median of each side counts.
 */
export async function benchBusKafka(options: { readonly brokers: readonly string[] }): Promise<BusKafkaFigures> {
  const bus = createKafkaBus({
    brokers: options.brokers,
    clientId: 'bench',
    deps: { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics },
  });
  const kafka = new Kafka({ brokers: [...options.brokers], clientId: 'bench-bare', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  const tag = randomBytes(4).toString('hex');
  const topics = { warm: `bench.${tag}.warm`, bare: `bench.${tag}.bare`, ours: `bench.${tag}.ours` };
  try {
    await bus.ensureTopics(
      Object.values(topics).map((name) => ({
        name,
        partitions: PARTITIONS,
        retentionMs: 600_000,
        cleanup: 'delete' as const,
      })),
    );
    const lanes = batchesByPartition();
    await produceBare(producer, topics.warm, lanes);
    await produceOurs(bus, topics.warm, lanes);
    const produce = await alternate(
      RECORDS,
      () => produceOurs(bus, topics.ours, lanes),
      () => produceBare(producer, topics.bare, lanes),
    );
    let round = 0;
    const consume = await alternate(
      ROUNDS * RECORDS,
      () => consumeOurs(bus, topics.ours, `${tag}-ours-${(round += 1)}`),
      () => consumeBare(kafka, topics.ours, `${tag}-bare-${round}`),
    );
    return { bus_kafka_produce: produce, bus_kafka_consume: consume };
  } finally {
    await producer.disconnect();
    await bus.close();
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: Object.values(topics) });
    await admin.disconnect();
  }
}

/** Records whose keys fall on one partition each, in batches of one partition. */
function batchesByPartition(): readonly (readonly OutgoingRecord[])[][] {
  const value = randomBytes(RECORD_BYTES);
  const lanes: OutgoingRecord[][][] = Array.from({ length: PARTITIONS }, () => []);
  const keys = Array.from({ length: PARTITIONS }, (_, partition) => {
    for (let n = 0; ; n += 1) if (partitionOf(`key-${n}`, PARTITIONS) === partition) return `key-${n}`;
  });
  for (let at = 0; at < BATCHES; at += 1) {
    const partition = at % PARTITIONS;
    const key = keys[partition] ?? '';
    lanes[partition]?.push(
      Array.from({ length: BATCH }, () => ({ key, value, headers: { ce_id: 'bench', ce_type: 'bench' } })),
    );
  }
  return lanes;
}

async function alternate(records: number, ours: () => Promise<number>, bare: () => Promise<number>): Promise<Figure> {
  const sides = [ours, bare].map((run) => ({ run, rates: [] as number[], perCpu: [] as number[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { run, rates, perCpu } of sides) {
      const before = ownCpuSeconds();
      rates.push(await run());
      perCpu.push(records / (ownCpuSeconds() - before));
    }
  }
  const [mine = 0, theirs = 0] = sides.map(({ rates }) => median(rates));
  const [myCpu = 0, theirCpu = 0] = sides.map(({ perCpu }) => Math.round(median(perCpu)));
  return {
    value: Math.round(mine),
    limit: Math.round(theirs),
    ratio: Number((mine / theirs).toFixed(3)),
    unit: `records of 1 KiB/s; client and broker on the same cores; records per CPU-second of the client ${myCpu}, bare ${theirCpu}`,
  };
}

const perSecond = (records: number, sinceMs: number): number => records / ((performance.now() - sinceMs) / 1_000);

/** Each partition's batches one after another, partitions side by side: what the bus does too. */
async function produceOurs(
  bus: KafkaBus,
  topic: string,
  lanes: readonly (readonly (readonly OutgoingRecord[])[])[],
): Promise<number> {
  const sinceMs = performance.now();
  await Promise.all(
    lanes.map(async (batches) => {
      for (const batch of batches) await bus.publish(topic, batch, { timeoutMs: 60_000 });
    }),
  );
  return perSecond(RECORDS, sinceMs);
}

async function produceBare(
  producer: Producer,
  topic: string,
  lanes: readonly (readonly (readonly OutgoingRecord[])[])[],
): Promise<number> {
  const sinceMs = performance.now();
  await Promise.all(
    lanes.map(async (batches, partition) => {
      for (const batch of batches) {
        await producer.send({
          topic,
          acks: -1,
          messages: batch.map((record) => ({
            key: record.key,
            value: record.value,
            headers: { ...record.headers },
            partition,
          })),
        });
      }
    }),
  );
  return perSecond(RECORDS, sinceMs);
}

/** From the first record on: joining a group takes its time whatever the client does. */
async function consumeOurs(bus: KafkaBus, topic: string, group: string): Promise<number> {
  const meter = createMeter(ROUNDS * RECORDS);
  const subscription = await bus.subscribe({
    topics: [topic],
    group,
    maxRecords: BATCH,
    handler: (batch) => {
      meter.add(batch.records.length);
      return Promise.resolve();
    },
  });
  const rate = await meter.done;
  await subscription.stop();
  return rate;
}

async function consumeBare(kafka: Kafka, topic: string, groupId: string): Promise<number> {
  const meter = createMeter(ROUNDS * RECORDS);
  const consumer: Consumer = kafka.consumer({
    groupId,
    maxBytesPerPartition: 512 * 1024,
    maxBytes: 4 * 1024 * 1024,
    maxWaitTimeInMs: 400,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 2,
    eachBatch: ({ batch }) => {
      meter.add(batch.messages.length);
      return Promise.resolve();
    },
  });
  const rate = await meter.done;
  await consumer.disconnect();
  return rate;
}

function createMeter(expected: number): { add(count: number): void; readonly done: Promise<number> } {
  let seen = 0;
  let sinceMs = 0;
  let first = 0;
  let resolve: (rate: number) => void = () => undefined;
  const done = new Promise<number>((settle) => (resolve = settle));
  return {
    done,
    add: (count) => {
      if (seen === 0) {
        sinceMs = performance.now();
        first = count;
      }
      seen += count;
      if (seen >= expected) resolve(perSecond(seen - first, sinceMs));
    },
  };
}
