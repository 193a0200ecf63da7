import { describeChat } from './scenarios/chat.contract.js';
import { describeInput } from './scenarios/input.contract.js';
import { describeIsolation } from './scenarios/isolation.contract.js';
import { describeMail } from './scenarios/mail.contract.js';
import { describeMetrics } from './scenarios/metrics.contract.js';
import { describePages } from './scenarios/pages.contract.js';
import { describeReplies } from './scenarios/replies.contract.js';
import { describeEnd, describeRestart } from './scenarios/restart.contract.js';
import { startEmbedded, type EmbeddedSystem } from './spec-support/embedded-system.js';
import { Program } from './spec-support/program.js';

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
  describeMetrics(system);
  describePages(system);
  // One process: whatever is killed, everything is.
  describeRestart(system, ['email-connector']);

  it('refuses a second start on the same data and on a taken SMTP port, and says what to do', async () => {
    const { configFile, dataDir, httpPort, smtpPort } = system();
    const second = new Program('standalone', [
      '--config',
      configFile,
      '--data',
      dataDir,
      '--http-port',
      '0',
      '--smtp-port',
      '0',
    ]);
    expect([await second.exited, second.output]).toEqual([
      1,
      expect.stringMatching(/in use by a running Fanin \(process \d+/),
    ]);
    const ports = [
      [['--http-port', String(httpPort), '--smtp-port', '0'], `HTTP port ${httpPort} on 127.0.0.1 is taken`],
      [['--http-port', '0', '--smtp-port', String(smtpPort)], `SMTP port ${smtpPort} on 127.0.0.1 is taken`],
    ] as const;
    for (const [argv, message] of ports) {
      const other = new Program('standalone', ['--config', configFile, '--data', `${dataDir}-other`, ...argv]);
      expect([await other.exited, other.output]).toEqual([1, expect.stringContaining(message)]);
      expect(other.output).not.toContain('    at ');
    }
  }, 90_000);

  describeEnd(system);
});
