import { describeWithKafka } from '@fanin/test-kit';
import { describeChat } from './scenarios/chat.contract.js';
import { describeInput } from './scenarios/input.contract.js';
import { describeIsolation } from './scenarios/isolation.contract.js';
import { describeMail } from './scenarios/mail.contract.js';
import { describeMetrics } from './scenarios/metrics.contract.js';
import { describeReplies } from './scenarios/replies.contract.js';
import { describeEnd, describeRestart } from './scenarios/restart.contract.js';
import { startOverKafka } from './spec-support/cluster-system.js';
import type { SystemUnderTest } from './spec-support/system.js';

describeWithKafka('the whole system over Kafka, a process for each service', {}, (kafka) => {
  let started: SystemUnderTest;
  const system = (): SystemUnderTest => started;
  beforeAll(async () => {
    started = await startOverKafka(kafka.brokers());
  }, 180_000);
  afterAll(() => started.stop(), 60_000);

  describeMail(system);
  describeReplies(system);
  describeChat(system);
  describeInput(system);
  describeIsolation(system);
  describeMetrics(system);
  describeRestart(system, ['email-connector', 'ticket-core']);
  describeEnd(system);
});
