import { describeWithKafka } from '@fanin/test-kit';
import { startOverKafka, type ClusterSystem } from '@fanin/trials';
import { describeAccounts } from './scenarios/accounts.contract.js';
import { describeChat } from './scenarios/chat.contract.js';
import { describeConnectorsKilled } from './scenarios/connectors-killed.contract.js';
import { describeInput } from './scenarios/input.contract.js';
import { describeIsolation } from './scenarios/isolation.contract.js';
import { describeMail } from './scenarios/mail.contract.js';
import { describeMeta } from './scenarios/meta.contract.js';
import { describeMetaAfterKill } from './scenarios/meta-worst-days.contract.js';
import { describeMetrics } from './scenarios/metrics.contract.js';
import { describePhone } from './scenarios/phone.contract.js';
import { describePhoneCalls } from './scenarios/phone-calls.contract.js';
import { describeReplies } from './scenarios/replies.contract.js';
import { describeEnd, describeRestart } from './scenarios/restart.contract.js';
import { describeSocialX } from './scenarios/social-x.contract.js';
import { describeSocialXOutage } from './scenarios/social-x-outage.contract.js';

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
  const cutReplies = describeMeta(system);
  describeAccounts(system);
  describeMetrics(system);
  describeRestart(system, ['email-connector', 'ticket-core']);
  // What takes a minute by itself is begun first and looked at later.
  const killed = describeConnectorsKilled(system);
  const outageOfX = describeSocialXOutage(system);
  outageOfX.expectCapped();
  describePhone(system);
  describePhoneCalls(system);
  outageOfX.expectRecovered();
  describeSocialX(system);
  outageOfX.describeRest();
  killed.expectRepliesOnce();

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

  describeMetaAfterKill(system, cutReplies);
  describeEnd(system);
});
