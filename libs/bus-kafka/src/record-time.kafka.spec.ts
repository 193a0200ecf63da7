import { randomBytes } from 'node:crypto';
import { createSystemClock, noMetrics, silentLogger, type Clock } from '@fanin/kernel';
import { describeWithKafka } from '@fanin/test-kit';
import type { KafkaBus } from './kafka-bus.js';
import { createKafkaBus } from './kafka-bus.js';

const DAY_MS = 86_400_000;

/** Kafka 4 refuses records dated more than an hour ahead of its own clock (log.message.timestamp.after.max.ms). */
describeWithKafka('records of a clock that is wrong', {}, (kafka) => {
  let bus: KafkaBus;
  let aheadMs = 0;
  const system = createSystemClock();
  const clock: Clock = { ...system, now: () => system.now() + aheadMs };

  beforeAll(() => {
    bus = createKafkaBus({
      brokers: kafka.brokers(),
      clientId: 'record-time',
      deps: { clock, logger: silentLogger, metrics: noMetrics },
    });
  });
  afterAll(() => bus.close());

  const makeTopic = async (): Promise<string> => {
    const name = `record.time.${randomBytes(4).toString('hex')}.v1`;
    await bus.ensureTopics([{ name, partitions: 1, retentionMs: -1, cleanup: 'delete' }]);
    return name;
  };

  it('are taken, a day ahead and a day behind, and keep their order and the time of their neighbours', async () => {
    const topic = await makeTopic();
    const now = clock.now();
    const times = [now, now + DAY_MS, now - DAY_MS, now - 1_000];
    const records = times.map((timestampMs, n) => ({ key: 'k', value: Buffer.from(String(n)), timestampMs }));
    await bus.publish(topic, records, { timeoutMs: 10_000 });
    const found = await bus.read(topic, 0, { fromOffset: 0n, limit: 10 });
    expect(found.map(({ value }) => String(value))).toEqual(['0', '1', '2', '3']);
    expect(found.map(({ timestampMs }) => timestampMs)).toEqual([now, -1, now - DAY_MS, now - 1_000]);
    expect((await bus.read(topic, 0, { fromTimeMs: now, limit: 10 })).length).toBeGreaterThan(0);
  });

  it('are taken when all of them are a day ahead, because it is our own clock', async () => {
    const topic = await makeTopic();
    aheadMs = DAY_MS;
    const records = Array.from({ length: 50 }, (_, n) => ({
      key: 'k',
      value: Buffer.from(String(n)),
      timestampMs: clock.now(),
    }));
    await bus.publish(topic, records, { timeoutMs: 10_000 });
    await bus.publish(topic, [{ key: 'k', value: Buffer.from('50') }], { timeoutMs: 10_000 });
    const found = await bus.read(topic, 0, { fromOffset: 0n, limit: 100 });
    expect(found.map(({ value }) => Number(String(value)))).toEqual(Array.from({ length: 51 }, (_, n) => n));
  });
});
