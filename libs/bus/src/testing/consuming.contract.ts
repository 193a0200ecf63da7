import { setTimeout as wait } from 'node:timers/promises';
import { FaninError, createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { deadLetterSpecOf, deadLetterTopicOf, fromDeadLetter } from '../settle/dead-letter.js';
import { handled } from '../settle/handler-result.js';
import { createSettler } from '../settle/settler.js';
import type { BusRecord } from '../port.js';
import type { BusHarness } from './harness.js';
import { collect, makeTopic, numbered, partitionsHeld, text, uniqueTopic, until, valueOf } from './harness.js';
import { expectOrderPerKey } from './publishing.contract.js';

export function consumingContract(harness: () => BusHarness): void {
  it('hands over everything once, batch by batch, in order per key', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 4);
    await bus.publish(topic, numbered(500, 11), { timeoutMs: 15_000 });
    const sizes: number[] = [];
    const group = await collect(bus, {
      topics: [topic],
      group: 'g',
      maxRecords: 20,
      before: async (batch) => {
        sizes.push(batch.records.length);
        expect(new Set(batch.records.map((record) => record.topic))).toEqual(new Set([topic]));
        expectRows(batch.records);
      },
    });
    await bus.publish(topic, numbered(500, 11, 500), { timeoutMs: 15_000 });
    await until('1000 records', () => group.records.length >= 1_000);
    expect(group.records).toHaveLength(1_000);
    expectOrderPerKey(group.records);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    await group.stop();
  });

  it('takes several topics into one subscription', async () => {
    const bus = await harness().createBus();
    const topics = [await makeTopic(bus, 2), await makeTopic(bus, 1)];
    const group = await collect(bus, { topics, group: 'both' });
    for (const topic of topics) await bus.publish(topic, [text('a', topic)]);
    await until('one record of each', () => group.records.length >= 2);
    expect(new Set(group.values())).toEqual(new Set(topics));
    await group.stop();
  });

  it('shares the partitions between the members of a group', async () => {
    const [a, b] = [await harness().createBus(), await harness().createBus()];
    const topic = await makeTopic(a, 4);
    const first = await collect(a, { topics: [topic], group: 'shared' });
    await until('the first holds all', () => partitionsHeld(first, topic).length === 4);
    const second = await collect(b, { topics: [topic], group: 'shared' });
    await until(
      'two each',
      () => partitionsHeld(first, topic).length === 2 && partitionsHeld(second, topic).length === 2,
      20_000,
    );
    expect([...partitionsHeld(first, topic), ...partitionsHeld(second, topic)].sort()).toEqual([0, 1, 2, 3]);
    await a.publish(topic, numbered(200, 40), { timeoutMs: 15_000 });
    await until('200 between them', () => first.records.length + second.records.length >= 200);
    expect(first.records.length).toBeGreaterThan(0);
    expect(second.records.length).toBeGreaterThan(0);
    expect(new Set([...first.values(), ...second.values()]).size).toBe(200);
    // One that leaves in good order hands over at once, with its position.
    await second.stop();
    await until('the first holds all again', () => partitionsHeld(first, topic).length === 4);
    await a.publish(topic, numbered(50, 40, 200));
    await until('50 more', () => new Set([...first.values(), ...second.values()]).size === 250);
    expect(first.records.length + second.records.length).toBe(250);
    await first.stop();
  });

  it('gives every group everything, whatever the others do', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 2);
    await bus.publish(topic, numbered(100, 10));
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const stuck = await collect(bus, { topics: [topic], group: 'stuck', before: () => gate });
    const quick = await collect(bus, { topics: [topic], group: 'quick' });
    await until('the quick group has all', () => quick.records.length === 100);
    expect(stuck.records).toHaveLength(0);
    release();
    await until('the other too', () => stuck.records.length === 100);
    await Promise.all([stuck.stop(), quick.stop()]);
  });

  it('begins at the end when asked to, and then where the group was', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, [text('a', 'before')]);
    const group = await collect(bus, { topics: [topic], group: 'tail', from: 'latest' });
    await until('assigned', () => partitionsHeld(group, topic).length === 1);
    // Kafka settles 'latest' with the first fetch, a moment after the assignment.
    await until('sees the new ones', async () => {
      if (group.records.length > 0) return true;
      await bus.publish(topic, [text('a', 'after')]);
      await wait(100);
      return false;
    });
    expect(new Set(group.values())).toEqual(new Set(['after']));
    await group.stop();
    await bus.publish(topic, [text('a', 'between')]);
    const next = await collect(bus, { topics: [topic], group: 'tail', from: 'latest' });
    await until('what came between', () => next.values().includes('between'));
    await next.stop();
  });

  it('brings a batch again when the handler fails for now, from behind what was resolved', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, numbered(10, 1));
    const tries: string[][] = [];
    const group = await collect(bus, {
      topics: [topic],
      group: 'again',
      before: async (batch, context) => {
        tries.push(batch.records.map(valueOf));
        if (tries.length > 1) return;
        const fourth = batch.records[3];
        if (fourth === undefined) throw new Error('expected ten records in one batch');
        context.resolve(fourth);
        throw new FaninError('TRANSIENT', 'the database is away');
      },
    });
    await until('the rest', () => group.values().includes('9'));
    expect(tries[0]).toHaveLength(10);
    expect(tries[1]?.[0]).toBe('4');
    await group.stop();
  });

  it('holds up nobody but the partition whose records fail', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 4);
    await bus.publish(topic, numbered(40, 20));
    let mended = false;
    const group = await collect(bus, {
      topics: [topic],
      group: 'apart',
      before: async ({ records }) => {
        if (!mended && records.some(({ key }) => key === 'key-7')) throw new FaninError('TRANSIENT', 'not yet');
      },
    });
    await until('all the others', () => group.records.length >= 20);
    await bus.publish(topic, numbered(40, 20, 40));
    const partitionOf = new Map(group.records.map(({ key, partition }) => [key, partition]));
    expect(partitionOf.has('key-7')).toBe(false);
    const well = new Set(partitionOf.keys());
    await until('what follows on the others', () => group.records.length >= well.size * 4);
    mended = true;
    await until('all of them', () => group.records.length >= 80, 30_000);
    expect(group.records).toHaveLength(80);
    expectOrderPerKey(group.records);
    await group.stop();
  }, 60_000);

  it('ends the subscription, and nothing else, when a handler throws what nobody foresaw', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, [text('a', '1')]);
    // kafkajs by itself goes silent here: CRASH restart=false, no more records, no exit.
    const broken = await collect(bus, {
      topics: [topic],
      group: 'broken',
      before: () => Promise.reject(new TypeError('undefined is not a function')),
    });
    await expect(broken.failed).rejects.toThrow('undefined is not a function');
    const other = await collect(bus, { topics: [topic], group: 'healthy' });
    await until('the other group goes on', () => other.records.length === 1);
    const repaired = await collect(bus, { topics: [topic], group: 'broken' });
    await until('the record is still there', () => repaired.records.length === 1, harness().takeoverMs + 5_000);
    await broken.stop();
    await other.stop();
    await repaired.stop();
  });

  it('sends poison to the dead-letter topic while its neighbours flow', async () => {
    const bus = await harness().createBus();
    const name = uniqueTopic();
    const spec = { name, partitions: 2, retentionMs: -1, cleanup: 'delete' as const };
    await bus.ensureTopics([spec, deadLetterSpecOf(spec)]);
    const good: number[] = [];
    const handler = createSettler<{ n: number }>({
      codec: {
        decode: (record) => {
          const n = Number(record.value?.toString());
          return Number.isNaN(n)
            ? { ok: false, error: { code: 'BAD_PAYLOAD', reason: 'not a number' } }
            : { ok: true, value: { n } };
        },
      },
      group: 'settled',
      bus,
      clock: createSystemClock(),
      logger: silentLogger,
      metrics: noMetrics,
      handleBatch: async (received) => {
        if (received.some(({ value }) => value.n === 66)) throw new TypeError('66 is not liked');
        good.push(...received.map(({ value }) => value.n));
        return received.map(() => handled());
      },
    });
    await bus.publish(name, [
      ...numbered(100, 9),
      { key: 'key-1', value: Buffer.from([0xff, 0]), headers: { ce_id: 'bad' } },
      ...numbered(50, 9, 100),
    ]);
    const subscription = await bus.subscribe({ topics: [name], group: 'settled', handler });
    subscription.failed.catch(() => undefined);
    await until('all good ones', () => good.length >= 149);
    expect(new Set(good).size).toBe(149);
    const dlq = deadLetterTopicOf(name);
    await until('both dead letters', async () => (await bus.read(dlq, 0, { fromOffset: 0n, limit: 10 })).length === 2);
    const letters = await bus.read(dlq, 0, { fromOffset: 0n, limit: 10 });
    const undecodable = letters.find((record) => record.headers['ce_id'] === 'bad');
    expect(undecodable?.value).toEqual(Buffer.from([0xff, 0]));
    expect(undecodable?.key).toBe('key-1');
    expect(undecodable && fromDeadLetter(undecodable)).toMatchObject({
      code: 'BAD_PAYLOAD',
      step: 'decode',
      topic: name,
      group: 'settled',
    });
    const bug = letters.find((record) => valueOf(record) === '66');
    expect(bug && fromDeadLetter(bug)).toMatchObject({
      code: 'BUG',
      step: 'handle',
      reason: '66 is not liked',
      topic: name,
    });
    await subscription.stop();
  });

  it('keeps its partitions through work longer than the session when it beats, and gets nothing twice', async () => {
    const [a, b] = [await harness().createBus(), await harness().createBus()];
    const topic = await makeTopic(a, 2);
    await a.publish(topic, numbered(6, 6));
    const slow =
      (seen: string[]) =>
      async (batch: { records: readonly { value: Buffer | null }[] }, context: { heartbeat(): Promise<void> }) => {
        seen.push(...batch.records.map((record) => record.value?.toString() ?? ''));
        for (let passedMs = 0; passedMs < harness().sessionMs * 1.5; passedMs += 200) {
          await wait(200);
          await context.heartbeat();
        }
      };
    const seen: string[] = [];
    const one = await a.subscribe({ topics: [topic], group: 'slow', handler: slow(seen), maxRecords: 10 });
    const two = await b.subscribe({ topics: [topic], group: 'slow', handler: slow(seen), maxRecords: 10 });
    for (const each of [one, two]) each.failed.catch(() => undefined);
    const done = async (): Promise<boolean> =>
      (await a.positions(topic, 'slow')).every((at) => at.committed === at.end);
    await until('all committed', done, harness().sessionMs * 5 + 20_000);
    expect([...seen].sort()).toEqual(['0', '1', '2', '3', '4', '5']);
    await one.stop();
    await two.stop();
  }, 90_000);

  it('stops by finishing and committing the batch in work', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, numbered(30, 1));
    let started = false;
    const group = await collect(bus, {
      topics: [topic],
      group: 'drain',
      maxRecords: 10,
      before: async () => {
        started = true;
        await wait(300);
      },
    });
    await until('a batch in work', () => started);
    await group.stop();
    const handledNow = group.records.length;
    expect(handledNow).toBeGreaterThanOrEqual(10);
    const next = await collect(bus, { topics: [topic], group: 'drain' });
    await until('the rest', () => next.records.length >= 30 - handledNow);
    expect([...group.values(), ...next.values()]).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
    await next.stop();
  });

  it('refuses to subscribe to a topic that does not exist', async () => {
    const bus = await harness().createBus();
    await expect(
      bus.subscribe({ topics: [uniqueTopic()], group: 'g', handler: () => Promise.resolve() }),
    ).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('closes twice, and refuses work afterwards', async () => {
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 1);
    const group = await collect(bus, { topics: [topic], group: 'closing' });
    await Promise.all([bus.close(), bus.close()]);
    await bus.close();
    await expect(bus.publish(topic, [text('a', '1')])).rejects.toBeInstanceOf(FaninError);
    expect(await bus.reachable(500)).toBe(false);
    expect(group.records).toEqual([]);
  });
}

/** Each partition's records are in a row. */
function expectRows(records: readonly BusRecord[]): void {
  const rows = records.filter(({ partition }, index) => records[index - 1]?.partition !== partition);
  expect(new Set(rows.map(({ partition }) => partition)).size).toBe(rows.length);
}
