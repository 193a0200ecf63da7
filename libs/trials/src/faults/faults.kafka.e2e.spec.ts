import { describeWithKafka } from '@fanin/test-kit';
import type { Stage } from './case.js';
import { FAULT_CASES } from './cases.js';
import { proveLive } from './controls.js';
import { LIVE } from './controls/live.js';
import { Random } from './random.js';
import { runCase } from './run-case.js';
import { startStage } from './stage.js';
import { Supervisor } from './supervisor.js';

/** The short form of `npm run faults`. */
const SEED = 20_261_122;
const CHANNELS = ['email-smtp', 'chat-web', 'phone-twilio'];
const STREAMS = ['smtp', 'chat', 'twilio', 'replies-chat', 'replies-phone'] as const;
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

  it.each([
    ['kill', 10],
    ['database-killed', 2],
    ['broker-away', 3],
  ])(
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

  it(
    'the verdict is red without the key that decides duplicates',
    async () => {
      const control = LIVE.find(({ name }) => name === 'dedupe');
      if (control === undefined) throw new Error('there is no such control');
      const supervisor = new Supervisor(stage());
      try {
        const outcome = await proveLive(control, { stage: stage(), supervisor, random: new Random(SEED) });
        expect(outcome).toMatchObject({ red: true, by: expect.stringMatching(/^doubled: /) as string });
      } finally {
        await supervisor.stop();
      }
    },
    LIMIT_MS,
  );
});
