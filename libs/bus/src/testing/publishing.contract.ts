import { FaninError } from '@fanin/kernel';
import type { BusRecord } from '../port.js';
import { partitionOf } from '../publish/partitioner.js';
import type { BusHarness } from './harness.js';
import { collect, makeTopic, numbered, text, uniqueTopic, until, valueOf } from './harness.js';

export function expectOrderPerKey(records: readonly BusRecord[]): void {
  const last = new Map<string, number>();
  for (const record of records) {
    const key = record.key ?? '';
    const value = Number(valueOf(record));
    expect(value).toBeGreaterThan(last.get(key) ?? -1);
    last.set(key, value);
  }
}

export function publishingContract(harness: () => BusHarness): void {
  it('keeps key, bytes, headers and timestamp, on the partition that Kafka would choose', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 4);
    const value = Buffer.from([0, 1, 2, 255, 254, 10, 13]);
    const timestampMs = Date.now() - 5_000;
    await bus.publish(topic, [{ key: 'käse', value, headers: { ce_id: '1', 'x-note': 'grüße' }, timestampMs }]);
    const [record, ...more] = await bus.read(topic, partitionOf('käse', 4), { fromOffset: 0n, limit: 10 });
    expect(more).toEqual([]);
    expect(record).toMatchObject({ topic, key: 'käse', headers: { ce_id: '1', 'x-note': 'grüße' }, timestampMs });
    expect(record?.value?.equals(value)).toBe(true);
  });

  it('carries tombstones and empty values as two things', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, [
      { key: 'a', value: null },
      { key: 'a', value: Buffer.alloc(0) },
    ]);
    const records = await bus.read(topic, 0, { fromOffset: 0n, limit: 10 });
    expect(records.map((record) => record.value)).toEqual([null, Buffer.alloc(0)]);
    expect(records.map((record) => record.headers)).toEqual([{}, {}]);
  });

  it('keeps the order of calls that did not wait for each other, and of records within a call', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 3);
    const calls: Promise<void>[] = [];
    for (let at = 0; at < 1_500; at += 5) calls.push(bus.publish(topic, numbered(5, 7, at), { timeoutMs: 15_000 }));
    await Promise.all(calls);
    const seen: BusRecord[] = [];
    for (const partition of [0, 1, 2]) {
      const records = await bus.read(topic, partition, { fromOffset: 0n, limit: 2_000 });
      expectOrderPerKey(records);
      seen.push(...records);
    }
    expect(new Set(seen.map(valueOf)).size).toBe(1_500);
    expect(seen).toHaveLength(1_500);
  });

  it('publishes nothing at once, and a call larger than one send whole', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, []);
    const big = Array.from({ length: 40 }, (_, i) => ({ key: 'k', value: Buffer.alloc(100_000, i) }));
    await bus.publish(topic, big, { timeoutMs: 20_000 });
    const seen: (number | undefined)[] = [];
    for (let offset = 0n; seen.length < 40;) {
      const records = await bus.read(topic, 0, { fromOffset: offset, limit: 10 });
      expect(records.length).toBeGreaterThan(0);
      seen.push(...records.map((record) => record.value?.[0]));
      offset = (records.at(-1)?.offset ?? 0n) + 1n;
    }
    expect(seen).toEqual(big.map((_, i) => i));
  });

  it('refuses a record that is too large with BAD_PAYLOAD, and an unknown topic with CONFIG', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await expect(bus.publish(topic, [{ key: 'a', value: Buffer.alloc(5_000_000) }])).rejects.toMatchObject({
      code: 'BAD_PAYLOAD',
    });
    await bus.publish(topic, [text('a', 'small')]);
    await expect(bus.publish(uniqueTopic(), [text('a', '1')], { timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'CONFIG',
    });
    expect((await bus.read(topic, 0, { fromOffset: 0n, limit: 10 })).map(valueOf)).toEqual(['small']);
  });

  it('never lets a reader skip a record that becomes visible late', async () => {
    const writers = await Promise.all([1, 2, 3].map(() => harness().createBus()));
    const reader = await harness().createBus();
    const topic = await makeTopic(reader, 1);
    const group = await collect(reader, { topics: [topic], group: 'late', maxRecords: 7 });
    await Promise.all(
      writers.map(async (bus, writer) => {
        for (let i = 0; i < 60; i += 1)
          await bus.publish(topic, [text(`w${writer}`, String(i)), text(`w${writer}`, `${i}.5`)], {
            timeoutMs: 15_000,
          });
      }),
    );
    await until('all records seen', () => group.records.length >= 360);
    expectOrderPerKey(group.records);
    const offsets = group.records.map((record) => record.offset);
    expect(offsets).toEqual([...offsets].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(offsets).size).toBe(360);
    await group.stop();
  });

  it('makes topics once, however many ask at once, and refuses another partition count', async () => {
    const buses = await Promise.all([1, 2, 3].map(() => harness().createBus()));
    const [bus] = buses;
    if (bus === undefined) throw new Error('no bus');
    const spec = { name: uniqueTopic(), partitions: 3, retentionMs: 60_000, cleanup: 'delete' as const };
    await Promise.all(buses.map((each) => each.ensureTopics([spec])));
    await bus.ensureTopics([spec, { ...spec, name: uniqueTopic(), cleanup: 'compact' }]);
    expect(await bus.positions(spec.name, 'nobody')).toHaveLength(3);
    const refusal = bus.ensureTopics([{ ...spec, partitions: 5 }]);
    await expect(refusal).rejects.toBeInstanceOf(FaninError);
    await expect(refusal).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(spec.name) as string,
    });
    expect(await bus.positions(spec.name, 'nobody')).toHaveLength(3);
  });
}
