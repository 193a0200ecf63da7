import type { Bus } from '../port.js';
import type { ContractFeatures } from './bus.contract.js';
import type { BusHarness } from './harness.js';
import { collect, makeTopic, numbered, partitionsHeld, publishPatiently, text, until, valueOf } from './harness.js';
import { expectOrderPerKey } from './publishing.contract.js';

export function faultContract(harness: () => BusHarness, features: ContractFeatures): void {
  it('gives the partitions of a dead member to the living, and loses nothing', async () => {
    const [a, b] = [await harness().createBus(), await harness().createBus()];
    const topic = await makeTopic(a, 4);
    const dying = await collect(a, { topics: [topic], group: 'takeover' });
    const living = await collect(b, { topics: [topic], group: 'takeover' });
    await until(
      'two each',
      () => partitionsHeld(dying, topic).length === 2 && partitionsHeld(living, topic).length === 2,
      20_000,
    );
    await b.publish(topic, numbered(100, 30));
    await until('100 between them', () => dying.records.length + living.records.length >= 100);
    await harness().kill(a);
    const killedAt = performance.now();
    await b.publish(topic, numbered(100, 30, 100), { timeoutMs: 10_000 });
    const seen = (): number => new Set([...dying.values(), ...living.values()]).size;
    await until('200 between them', () => seen() === 200, harness().takeoverMs + 5_000);
    expect(performance.now() - killedAt).toBeLessThan(harness().takeoverMs + 5_000);
    await until('the living holds all', () => partitionsHeld(living, topic).length === 4);
    await living.stop();
  }, 60_000);

  it('delivers again what was handled but not committed when its handler died', async () => {
    const [a, b] = [await harness().createBus(), await harness().createBus()];
    const topic = await makeTopic(a, 1);
    await b.publish(topic, numbered(5, 1));
    const never = new Promise<void>(() => undefined);
    const started: string[] = [];
    const dying = await collect(a, {
      topics: [topic],
      group: 'crash',
      before: (batch) => {
        started.push(...batch.records.map(valueOf));
        return never;
      },
    });
    await until('handled by the first', () => started.length === 5);
    await harness().kill(a);
    const second = await collect(b, { topics: [topic], group: 'crash' });
    await until('delivered again', () => second.records.length >= 5, harness().takeoverMs + 10_000);
    expect(second.values()).toEqual(['0', '1', '2', '3', '4']);
    expect(dying.records).toEqual([]);
    await second.stop();
  }, 60_000);

  it('refuses to publish within two seconds while the log is down, and goes on by itself afterwards', async () => {
    const bus: Bus = await harness().createBus();
    const topic = await makeTopic(bus, 2);
    const group = await collect(bus, { topics: [topic], group: 'outage' });
    await bus.publish(topic, [text('a', 'before')]);
    await until('before', () => group.values().includes('before'));
    expect(await bus.reachable(2_000)).toBe(true);

    await harness().breakLog();
    try {
      const askedAt = performance.now();
      await expect(bus.publish(topic, [text('a', 'during')])).rejects.toMatchObject({ code: 'TRANSIENT' });
      expect(performance.now() - askedAt).toBeLessThan(5_000);
      const shortAt = performance.now();
      await expect(bus.publish(topic, [text('a', 'during')], { timeoutMs: 300 })).rejects.toMatchObject({
        code: 'TRANSIENT',
      });
      // Its own deadline, not that of everybody (1.8 s).
      expect(performance.now() - shortAt).toBeLessThan(1_500);
      expect(await bus.reachable(500)).toBe(false);
    } finally {
      await harness().mendLog();
    }
    await until('reachable again', () => bus.reachable(1_000), 30_000);
    await publishPatiently(bus, topic, [text('a', 'after')]);
    await until('the consumer goes on', () => group.values().includes('after'), 30_000 + harness().takeoverMs);
    // What was refused may have been written all the same, but nothing overtakes and nothing before is lost.
    const order = group.values();
    expect(order[0]).toBe('before');
    expect(order.indexOf('before')).toBeLessThan(order.lastIndexOf('after'));
    await group.stop();
  }, 120_000);

  if (features.leaderChange === false) return;
  it('acknowledges nothing that is not there after a leader change', async () => {
    const { changeLeader } = harness();
    if (changeLeader === undefined) {
      if (features.leaderChange === true) throw new Error('the harness cannot change a leader');
      return;
    }
    const bus = await harness().createBus();
    const topic = await makeTopic(bus, 6);
    const acknowledged: string[] = [];
    let on = true;
    let next = 0;
    // Many partitions in every call and many calls at once: how kafkajs lost what it acknowledged (kafkajs#1303).
    const writers = Array.from({ length: 4 }, async () => {
      while (on) {
        const batch = numbered(30, 60, next);
        next += 30;
        try {
          await bus.publish(topic, batch, { timeoutMs: 30_000 });
          acknowledged.push(...batch.map((record) => record.value?.toString() ?? ''));
        } catch {
          // Refused is allowed; acknowledged and lost is not.
        }
      }
    });
    await until('under way', () => acknowledged.length > 300);
    const before = acknowledged.length;
    await changeLeader.call(harness());
    await until('going on', () => acknowledged.length > before + 300, 60_000);
    on = false;
    await Promise.all(writers);
    const found = new Set<string>();
    for (let partition = 0; partition < 6; partition += 1) {
      for (let offset = 0n; ;) {
        const records = await bus.read(topic, partition, { fromOffset: offset, limit: 1_000 });
        if (records.length === 0) break;
        const firsts = records.filter((record) => !found.has(valueOf(record)));
        expectOrderPerKey(firsts);
        for (const record of records) found.add(valueOf(record));
        offset = (records.at(-1)?.offset ?? 0n) + 1n;
      }
    }
    expect(acknowledged.filter((value) => !found.has(value))).toEqual([]);
  }, 180_000);
}
