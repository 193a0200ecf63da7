import type { LaneBatch } from '@fanin/bus';
import type { EncodedRequest, ResponseReader } from '../low-level.js';
import { ByteWriter } from './byte-writer.js';
import { writeRecordBatch } from './record-batch.js';

const PRODUCE = 0;
/** Since Kafka 2.1, and what later brokers still take: the last version before flexible fields. */
const VERSION = 7;
const ALL_REPLICAS = -1;

/** What a broker said of one partition; 0 is success. */
export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** One Produce request with the batches of one leader. Written when it goes out, once. */
export function produceRequest(batches: readonly LaneBatch[], timeoutMs: number, nowMs: number): EncodedRequest {
  return {
    apiKey: PRODUCE,
    apiVersion: VERSION,
    apiName: 'Produce',
    encode: () => {
      const writer = new ByteWriter(roomOf(batches));
      writer.int16(-1); // no transactional id
      writer.int16(ALL_REPLICAS);
      writer.int32(timeoutMs);
      const topics = byTopic(batches);
      writer.int32(topics.size);
      for (const [topic, parts] of topics) {
        writer.text(topic);
        writer.reserve(4);
        writer.int32(parts.length);
        for (const { partition, records } of parts) {
          writer.reserve(8);
          writer.int32(partition);
          const sizeAt = writer.at;
          writer.at += 4;
          writeRecordBatch(writer, records, nowMs);
          writer.bytes.writeInt32BE(writer.at - sizeAt - 4, sizeAt);
        }
      }
      return Promise.resolve(encoded(writer.bytes.subarray(0, writer.at)));
    },
  };
}

/** kafkajs takes anything for an encoder that has its bytes and their number. */
function encoded(bytes: Buffer): Awaited<ReturnType<EncodedRequest['encode']>> {
  return { buf: bytes, buffer: bytes, size: () => bytes.length };
}

function byTopic(batches: readonly LaneBatch[]): ReadonlyMap<string, LaneBatch[]> {
  const topics = new Map<string, LaneBatch[]>();
  for (const batch of batches) {
    const known = topics.get(batch.topic);
    if (known === undefined) topics.set(batch.topic, [batch]);
    else known.push(batch);
  }
  return topics;
}

/** A start that rarely has to grow. */
function roomOf(batches: readonly LaneBatch[]): number {
  let room = 256;
  for (const { records } of batches) for (const { value } of records) room += 600 + (value?.length ?? 0);
  return room;
}

/** Reads each partition's own outcome: kafkajs' reader throws at the first that failed, and the others' are lost. */
export const PRODUCE_RESPONSE: ResponseReader<readonly PartitionAnswer[]> = {
  decode: (bytes) => {
    const answers: PartitionAnswer[] = [];
    let at = 0;
    const int32 = (): number => bytes.readInt32BE((at += 4) - 4);
    for (let topics = int32(); topics > 0; topics -= 1) {
      const length = bytes.readInt16BE(at);
      const topic = bytes.toString('utf8', at + 2, at + 2 + length);
      at += 2 + length;
      for (let partitions = int32(); partitions > 0; partitions -= 1) {
        const partition = int32();
        answers.push({ topic, partition, errorCode: bytes.readInt16BE(at) });
        at += 2 + 8 + 8 + 8; // error, base offset, append time, log start
      }
    }
    // A broker's quota: KIP-219 leaves the waiting to the client, and kafkajs' queue does it.
    return Promise.resolve({ answers, clientSideThrottleTime: int32() });
  },
  parse: ({ answers }) => Promise.resolve(answers),
};
