import { createRequire } from 'node:module';
import type { OutgoingRecord } from '@fanin/bus';
import fc from 'fast-check';
import { ByteWriter } from './byte-writer.js';
import { writeRecordBatch } from './record-batch.js';

interface Decoded {
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, Buffer>>;
  }[];
}

/** kafkajs reads what is written here: two hands that have never met. */
const load = createRequire(import.meta.url);
const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => { readInt64(): unknown };
const decodeBatch = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<Decoded>;

async function roundTrip(records: readonly OutgoingRecord[], nowMs = 1_790_000_000_000): Promise<Decoded> {
  const writer = new ByteWriter(8);
  writeRecordBatch(writer, records, nowMs);
  return decodeBatch(new Decoder(writer.bytes.subarray(0, writer.at)));
}

describe('a record batch', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 });
  const record = fc.record({
    key: fc.oneof(
      text,
      fc.string({ minLength: 60, maxLength: 70 }),
      fc.string({ unit: 'binary', minLength: 3_000, maxLength: 3_100 }),
    ),
    value: fc.oneof(
      fc.constant(null),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(7_900, 8_190, 70_000).map((size) => Buffer.alloc(size, 7)),
    ),
    // As kafkajs' reader has it, a name that every object inherits is there twice.
    headers: fc.dictionary(
      fc.string().map((name) => `ce_${name}`),
      text,
      { noNullPrototype: true },
    ),
    timestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  });

  it('is read by another client as it was written, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 5 }), async (records) => {
        const decoded = await roundTrip(records);
        expect(decoded.records).toHaveLength(records.length);
        decoded.records.forEach((found, index) => {
          const wanted = records[index];
          expect(String(found.offset)).toBe(String(index));
          expect(Number(found.timestamp)).toBe(wanted?.timestampMs);
          expect(found.key?.toString()).toBe(Buffer.from(wanted?.key ?? '').toString());
          expect(found.value === null ? null : Buffer.compare(found.value, wanted?.value ?? Buffer.alloc(0))).toBe(
            wanted?.value === null ? null : 0,
          );
          const headers = Object.entries(found.headers).map(([name, value]) => [name, value.toString()]);
          expect(new Map(headers as [string, string][])).toEqual(
            new Map(
              Object.entries(wanted?.headers ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]),
            ),
          );
        });
      }),
      { numRuns: 200 },
    );
  });

  it('dates what has no time of its own, and knows its latest', async () => {
    const value = Buffer.from('x');
    const decoded = await roundTrip(
      [
        { key: 'a', value, timestampMs: 5 },
        { key: 'b', value },
        { key: 'c', value, timestampMs: 1 },
      ],
      9,
    );
    expect(decoded.records.map(({ timestamp }) => Number(timestamp))).toEqual([5, 9, 1]);
    expect([Number(decoded.firstTimestamp), Number(decoded.maxTimestamp)]).toEqual([5, 9]);
  });
});
