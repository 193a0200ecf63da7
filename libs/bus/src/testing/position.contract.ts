import type { BusHarness } from './harness.js';
import { collect, makeTopic, numbered, partitionsHeld, text, until, valueOf } from './harness.js';

export function positionContract(harness: () => BusHarness): void {
  it('tells where a group stands', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    expect(await bus.positions(topic, 'g')).toEqual([{ topic, partition: 0, earliest: 0n, end: 0n, committed: null }]);
    await bus.publish(topic, numbered(25, 1));
    const group = await collect(bus, { topics: [topic], group: 'g' });
    await until('25', () => group.records.length === 25);
    await group.stop();
    const [position] = await bus.positions(topic, 'g');
    expect(position).toMatchObject({ earliest: 0n });
    expect(position?.end).toBeGreaterThanOrEqual(25n);
    expect(position?.committed).toBe((group.records.at(-1)?.offset ?? -1n) + 1n);
  });

  it('reads from an offset and from a time', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    const startMs = Date.now() - 100_000;
    await bus.publish(
      topic,
      Array.from({ length: 20 }, (_, i) => ({ ...text('a', String(i)), timestampMs: startMs + i * 1_000 })),
    );
    const all = await bus.read(topic, 0, { limit: 100 });
    expect(all.map(valueOf)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    const seventh = all[7];
    expect((await bus.read(topic, 0, { fromOffset: seventh?.offset ?? 0n, limit: 2 })).map(valueOf)).toEqual([
      '7',
      '8',
    ]);
    expect((await bus.read(topic, 0, { fromTimeMs: startMs + 11_500, limit: 2 })).map(valueOf)).toEqual(['12', '13']);
    expect(await bus.read(topic, 0, { fromTimeMs: startMs + 1_000_000, limit: 2 })).toEqual([]);
    expect(await bus.read(topic, 0, { fromOffset: 1_000_000n, limit: 2 })).toEqual([]);
  });

  it('replays from an offset and from a time, and refuses both while the group is alive', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    const startMs = Date.now() - 100_000;
    await bus.publish(
      topic,
      Array.from({ length: 10 }, (_, i) => ({ ...text('a', String(i)), timestampMs: startMs + i * 1_000 })),
    );
    const run = async (from: string): Promise<string[]> => {
      const group = await collect(bus, { topics: [topic], group: 'replay' });
      await until(`replay from ${from}`, () => group.values().at(-1) === '9');
      await group.stop();
      return group.values();
    };
    expect(await run('the start')).toHaveLength(10);
    const offset = (await bus.read(topic, 0, { limit: 10 }))[6]?.offset ?? 0n;
    await bus.seek(topic, 'replay', { partition: 0, offset });
    expect(await run('offset 6')).toEqual(['6', '7', '8', '9']);
    await bus.seek(topic, 'replay', { timeMs: startMs + 2_500 });
    expect(await run('a time')).toEqual(['3', '4', '5', '6', '7', '8', '9']);

    const live = await collect(bus, { topics: [topic], group: 'replay' });
    await until('alive', () => partitionsHeld(live, topic).length === 1);
    await expect(bus.seek(topic, 'replay', { partition: 0, offset: 0n })).rejects.toMatchObject({ code: 'CONFIG' });
    await expect(bus.seek(topic, 'replay', { timeMs: 0 })).rejects.toMatchObject({ code: 'CONFIG' });
    await live.stop();
    expect(live.records).toEqual([]);
  });

  it('moves a group that never ran, and to the end for a time in the future', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, numbered(5, 1));
    await bus.seek(topic, 'fresh', { timeMs: Date.now() + 3_600_000 });
    const [position] = await bus.positions(topic, 'fresh');
    expect(position?.committed).toBe(position?.end);
  });
}
