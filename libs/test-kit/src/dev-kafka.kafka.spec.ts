import { describeWithKafka } from './test-kafka.js';
import { coordinatorsReady } from '@fanin/dev-kafka';

describeWithKafka('a Kafka of our own', { own: true }, (kafka) => {
  it('is killed, starts again on the same port, and stops', async () => {
    const cluster = kafka.cluster();
    const port = Number(cluster.brokers[0]?.split(':')[1]);
    expect(await coordinatorsReady(port)).toBe(true);
    await cluster.kill(1);
    expect(cluster.pids()).toEqual([]);
    expect(await coordinatorsReady(port)).toBe(false);
    await cluster.restart(1);
    expect(await coordinatorsReady(port)).toBe(true);
    await cluster.stop();
    expect(cluster.pids()).toEqual([]);
  }, 120_000);
});
