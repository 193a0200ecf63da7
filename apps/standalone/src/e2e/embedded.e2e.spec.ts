import { Program, startEmbedded, type EmbeddedSystem } from '@fanin/trials';
import { describeAccounts } from './scenarios/accounts.contract.js';
import { describeChat } from './scenarios/chat.contract.js';
import { describeConnectorsKilled } from './scenarios/connectors-killed.contract.js';
import { describeInput } from './scenarios/input.contract.js';
import { describeIsolation } from './scenarios/isolation.contract.js';
import { describeMail } from './scenarios/mail.contract.js';
import { describeMeta } from './scenarios/meta.contract.js';
import { describeMetaAfterKill } from './scenarios/meta-worst-days.contract.js';
import { describeMetrics } from './scenarios/metrics.contract.js';
import { describePages } from './scenarios/pages.contract.js';
import { describePhone } from './scenarios/phone.contract.js';
import { describePhoneCalls } from './scenarios/phone-calls.contract.js';
import { describeReplies } from './scenarios/replies.contract.js';
import { describeEnd, describeRestart } from './scenarios/restart.contract.js';
import { describeSocialX } from './scenarios/social-x.contract.js';
import { describeSocialXOutage } from './scenarios/social-x-outage.contract.js';

describe('the whole system, embedded', () => {
  let started: EmbeddedSystem;
  const system = (): EmbeddedSystem => started;
  beforeAll(async () => {
    started = await startEmbedded();
  }, 120_000);
  afterAll(() => started.stop(), 30_000);

  describeMail(system);
  describeReplies(system);
  describeChat(system);
  describeInput(system);
  describeIsolation(system);
  const cutReplies = describeMeta(system);
  describeAccounts(system);
  describeMetrics(system);
  describePages(system);
  // One process: whatever is killed, everything is.
  describeRestart(system, ['email-connector']);

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

  // A second start on the same data and a taken HTTP port: standalone.e2e.spec.ts.
  it('refuses a start on a taken SMTP port, and says what to do', async () => {
    const { configFile, dataDir, smtpPort } = system();
    const place = ['--config', configFile, '--data', `${dataDir}-other`];
    const other = new Program('standalone', [...place, '--http-port', '0', '--smtp-port', String(smtpPort)]);
    const message = `SMTP port ${smtpPort} on 127.0.0.1 is taken. Name another`;
    expect([await other.exited, other.output]).toEqual([1, expect.stringContaining(message)]);
    expect(other.output).not.toContain('    at ');
  }, 60_000);

  describeMetaAfterKill(system, cutReplies);
  describeEnd(system);
});
