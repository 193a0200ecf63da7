import { describeWithKafka } from '@fanin/test-kit';
import type { Stage } from './case.js';
import { FAULT_CASES } from './cases.js';
import { runCase } from './run-case.js';
import { startStage } from './stage.js';

/** The short form of `npm run faults`; brokers are broken by the command alone, which has the time that they take. */
const SEED = 20_261_122;
const CHANNELS = ['email-smtp', 'chat-web', 'phone-twilio'];
const STREAMS = ['smtp', 'chat', 'twilio', 'voice', 'replies-chat', 'replies-phone', 'desk'] as const;
/** Two busy cores need minutes for what one idle machine does in seconds. */
const LIMIT_MS = 400_000;

describeWithKafka('faults, a process for each service', { own: true }, (kafka) => {
  let started: Stage | undefined;
  const stage = (): Stage => {
    if (started === undefined) throw new Error('the system did not start');
    return started;
  };
  beforeAll(async () => {
    started = await startStage({ form: 'cluster', brokers: 1, kafka: kafka.cluster(), channels: CHANNELS });
  }, LIMIT_MS);
  afterAll(() => started?.stop(), 60_000);

  it.each([['kill', 10]])(
    '%s: what was acknowledged is there, once, in order; replies went out once; fates and metrics come out',
    async (name, seconds) => {
      const fault = FAULT_CASES.find((each) => each.name === name);
      if (fault === undefined) throw new Error(`there is no case ${name}`);
      const report = await runCase(stage(), fault, { seed: SEED, seconds, quietMs: 240_000, streams: STREAMS });
      expect(report.problems).toEqual([]);
      expect(report.verdict?.stored).toBeGreaterThan(10);
    },
    LIMIT_MS,
  );
});
