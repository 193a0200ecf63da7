import { busContract } from '@fanin/bus';
import { describeWithKafka } from '@fanin/test-kit';
import { kafkaHarness } from './testing/kafka-harness.js';

describeWithKafka('one broker', { own: true }, (kafka) => {
  busContract('Kafka, one broker', () => Promise.resolve(kafkaHarness(kafka.cluster(), 1)));
});
