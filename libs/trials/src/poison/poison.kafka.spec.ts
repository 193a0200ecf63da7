import { describeWithKafka, startTestDatabase } from '@fanin/test-kit';
import { runPoison } from './run-poison.js';

describeWithKafka('poison on Kafka', {}, (kafka) => {
  it('is set aside with reason and payload, stops nobody, and comes through once after a fix, also when re-driven twice', async () => {
    const database = await startTestDatabase();
    try {
      const brokers = kafka.brokers();
      const verdict = await runPoison({
        databaseUrl: database.url,
        brokers,
        records: 2_500,
        bad: 25,
        seed: 20_261_122,
      });
      expect(verdict).toMatchObject({ problems: [], deadLetters: 25, redriven: [25, 0, 25], through: 25 });
    } finally {
      await database.stop();
    }
  }, 120_000);
});
