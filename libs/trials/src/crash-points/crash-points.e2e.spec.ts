import pg from 'pg';
import { startEmbedded, type EmbeddedSystem } from '../system/embedded-system.js';
import { CRASH_CASES } from './cases.js';
import { CRASH_CONTROLS, runCrashControl } from './controls.js';
import { firstStartProblems, runFirstStarts, schemaOf } from './first-start.js';
import { crashProblems, runCrashCases, type CrashReport } from './run-cases.js';
import { World } from './world.js';

/** Two busy cores need minutes for what one idle machine does in seconds. */
const LIMIT_MS = 600_000;

describe('kill -9 at every named crash point, everything in one process', () => {
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
      const cases = CRASH_CASES.filter(({ isLong, needsDovecot }) => isLong !== true && needsDovecot !== true);
      report = await runCrashCases(world, cases, { limitMs: 120_000 });
      expect(crashProblems(report)).toEqual([]);
      expect(report.deaths).toHaveLength(cases.length);
      expect(report.verdict.acknowledged).toBeGreaterThanOrEqual(cases.length);
    },
    LIMIT_MS,
  );

  it(
    'in its first start: comes up as if nothing had been',
    async () => {
      const client = new pg.Client({ connectionString: system.databaseUrl });
      await client.connect();
      const like = await schemaOf(client).finally(() => client.end());
      expect(firstStartProblems(await runFirstStarts(), like)).toEqual([]);
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
