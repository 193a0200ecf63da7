import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { describeWithKafka } from '@fanin/test-kit';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import type { KafkaBus } from './kafka-bus.js';
import { createKafkaBus } from './kafka-bus.js';
import { PARTITIONS, loadWithKill, readAll } from './testing/leader-load.js';

/** kafkajs#1303, on a cluster whose leaders die while records are on their way. */
describeWithKafka('leader change, three brokers', { brokers: 3 }, (kafka) => {
  let bus: KafkaBus;

  beforeAll(() => {
    bus = createKafkaBus({
      brokers: kafka.brokers(),
      clientId: 'leader-change',
      deps: { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics },
    });
  });
  afterAll(() => bus.close());

  const makeTopic = async (name: string): Promise<string> => {
    await bus.ensureTopics([{ name, partitions: PARTITIONS, retentionMs: -1, cleanup: 'delete' }]);
    return name;
  };
  const report = (who: string, acknowledged: number, lost: number, twice: number, outOfOrder: number): void => {
    process.stdout.write(
      `${who}: acknowledged ${acknowledged}, lost ${lost}, stored twice ${twice}, out of order ${outOfOrder}\n`,
    );
  };

  it('loses nothing that was acknowledged and keeps the order of every key', async () => {
    const topic = await makeTopic('leader.lanes.v1');
    const { acknowledged } = await loadWithKill(
      (records) => bus.publish(topic, records, { timeoutMs: 30_000 }),
      kafka.cluster(),
      1,
    );
    const found = await readAll(bus, topic);
    const lost = acknowledged.filter((value) => !found.values.has(value));
    report('lanes', acknowledged.length, lost.length, found.twice, found.outOfOrder);
    expect(acknowledged.length).toBeGreaterThan(6_000);
    expect(lost).toEqual([]);
    expect(found.outOfOrder).toBe(0);
    await kafka.cluster().restart(1);
  }, 180_000);

  it('would lose acknowledged records if a send carried several partitions (control)', async () => {
    const client = new Kafka({ brokers: [...kafka.brokers()], clientId: 'control', logLevel: logLevel.NOTHING });
    const producer = client.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    let lost = 0;
    try {
      for (let attempt = 1; attempt <= 3 && lost === 0; attempt += 1) {
        const topic = await makeTopic(`leader.shared-${attempt}.v1`);
        const send = async (messages: readonly { key: string; value: Buffer }[]): Promise<void> =>
          void (await producer.send({ topic, messages: [...messages], acks: -1 }));
        const victim = attempt % 3 === 0 ? 3 : (attempt % 3) + 1;
        const { acknowledged } = await loadWithKill(send, kafka.cluster(), victim);
        await kafka.cluster().restart(victim);
        const found = await readAll(bus, topic);
        lost = acknowledged.filter((value) => !found.values.has(value)).length;
        report('one send over all partitions', acknowledged.length, lost, found.twice, found.outOfOrder);
      }
    } finally {
      await producer.disconnect();
    }
    expect(lost).toBeGreaterThan(0);
  }, 240_000);
});
