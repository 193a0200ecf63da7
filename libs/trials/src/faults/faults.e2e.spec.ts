import { Recorder } from '../oracle/recorder.js';
import type { Stage } from './case.js';
import { FAULT_CASES } from './cases.js';
import { proveDoctored } from './controls.js';
import { DOCTORED } from './controls/doctored.js';
import { runCase } from './run-case.js';
import { startStage } from './stage.js';

/** The short form of `npm run faults -- --form standalone`. */
const SEED = 20_261_122;
const CHANNELS = ['email-smtp', 'chat-web', 'phone-twilio'];
/** Two busy cores need minutes for what one idle machine does in seconds. */
const LIMIT_MS = 300_000;

describe('faults, everything in one process', () => {
  let started: Stage | undefined;
  const stage = (): Stage => {
    if (started === undefined) throw new Error('the system did not start');
    return started;
  };
  const recorder = new Recorder();
  beforeAll(async () => {
    started = await startStage({ form: 'standalone', brokers: 1, channels: CHANNELS });
  }, LIMIT_MS);
  afterAll(() => started?.stop(), 60_000);

  it.each(['kill'])(
    '%s: what was acknowledged is there, once, in order; replies went out once; fates and metrics come out',
    async (name) => {
      const fault = FAULT_CASES.find((each) => each.name === name);
      if (fault === undefined) throw new Error(`there is no case ${name}`);
      const streams = [
        'smtp',
        'chat',
        'twilio',
        'at-twilio',
        'voice',
        'replies-chat',
        'replies-phone',
        'desk',
      ] as const;
      const report = await runCase(stage(), fault, { seed: SEED, seconds: 3, quietMs: 180_000, streams, recorder });
      expect(report.problems).toEqual([]);
      expect(report.verdict?.stored).toBeGreaterThan(10);
    },
    LIMIT_MS,
  );

  it(
    'the verdict is red when rows are as a missing safeguard would leave them',
    async () => {
      const outcomes = await proveDoctored(stage(), recorder, DOCTORED);
      expect(outcomes.filter(({ red }) => !red)).toEqual([]);
      expect(outcomes).toHaveLength(DOCTORED.length);
    },
    LIMIT_MS,
  );
});
