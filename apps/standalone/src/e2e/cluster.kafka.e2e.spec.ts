import { describeWithKafka } from '@fanin/test-kit';
import { describeChat } from './scenarios/chat.contract.js';
import { describeInput } from './scenarios/input.contract.js';
import { describeIsolation } from './scenarios/isolation.contract.js';
import { describeMail } from './scenarios/mail.contract.js';
import { describeMetrics } from './scenarios/metrics.contract.js';
import { describeReplies } from './scenarios/replies.contract.js';
import { describeEnd, describeRestart } from './scenarios/restart.contract.js';
import { startOverKafka, type ClusterSystem } from './spec-support/cluster-system.js';

describeWithKafka('the whole system over Kafka, a process for each service', {}, (kafka) => {
  let started: ClusterSystem;
  const system = (): ClusterSystem => started;
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
  it('refuses a service whose port is taken, and says what to do', async () => {
    for (const service of ['ticket-core', 'email-connector']) {
      const second = system().startAgain(service);
      expect([await second.exited, second.output]).toEqual([
        1,
        expect.stringMatching(/(HTTP|SMTP) port \d+ on 127\.0\.0\.1 is taken\. Name another/),
      ]);
      expect(second.output).not.toContain('    at ');
    }
  }, 60_000);

  describeEnd(system);
});
