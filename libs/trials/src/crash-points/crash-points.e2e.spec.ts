import { startEmbedded, type EmbeddedSystem } from '../system/embedded-system.js';
import { CRASH_CASES, type CrashCase } from './cases.js';
import { CRASH_CONTROLS, runCrashControl } from './controls.js';
import { crashProblems, runCrashCases, type CrashReport } from './run-cases.js';
import { World } from './world.js';

/** One of each kind; `npm run faults -- --form standalone --only crash-points,first-start,crash-controls` dies at all of them. */
const HERE: readonly CrashCase['point'][] = [
  'capture.webhook.appended',
  'capture.stream.appended',
  'tickets.committed',
  'deliver.sent',
];
/** Two busy cores need minutes for what one idle machine does in seconds. */
const LIMIT_MS = 600_000;

describe('kill -9 at named crash points, everything in one process', () => {
  let system: EmbeddedSystem;
  let world: World;
  let report: CrashReport;
  beforeAll(async () => {
    system = await startEmbedded({ channels: ['email-smtp', 'chat-web', 'phone-twilio'] });
    world = await World.open(system);
  }, LIMIT_MS);
  afterAll(async () => {
    await world.close();
    await system.stop();
  }, 60_000);

  it(
    'running: loses nothing, makes nothing twice, sends once what was to be sent',
    async () => {
      const cases = CRASH_CASES.filter(({ point, isLong }) => isLong !== true && HERE.includes(point));
      report = await runCrashCases(world, cases, { limitMs: 120_000 });
      expect(crashProblems(report)).toEqual([]);
      expect(report.deaths).toHaveLength(cases.length);
      expect(report.verdict.acknowledged).toBeGreaterThanOrEqual(cases.length);
    },
    LIMIT_MS,
  );

  it(
    'without the key that decides duplicates a death behind the transaction makes a double, and the verdict says so',
    async () => {
      const control = CRASH_CONTROLS.find(({ name }) => name === 'duplicates');
      if (control === undefined) throw new Error('there is no such control');
      const { isSeen, verdict } = await runCrashControl(world, control, report.verdict);
      expect({ isSeen, problems: verdict.problems }).toMatchObject({
        isSeen: true,
        problems: expect.arrayContaining([expect.stringMatching(/^doubled: /)]),
      });
    },
    LIMIT_MS,
  );
});
