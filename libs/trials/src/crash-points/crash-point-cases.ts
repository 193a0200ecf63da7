import type { OwnCase, OwnCaseOptions } from '../faults/case.js';
import { startStage } from '../faults/stage.js';
import { CRASH_CASES, type CrashCase } from './cases.js';
import { CRASH_CONTROLS, runCrashControl } from './controls.js';
import type { CrashSystem } from './dying.js';
import { firstStartProblems, runFirstStarts } from './first-start.js';
import { crashProblems, runCrashCases } from './run-cases.js';
import { World } from './world.js';

const CHANNELS = ['email-smtp', 'email-imap', 'chat-web', 'phone-twilio'];
const QUIET_MS = 120_000;

/** A system with customers, ended whatever happens. */
async function inWorld<T>({ form }: OwnCaseOptions, work: (world: World) => Promise<T>): Promise<T> {
  const stage = await startStage({ form, brokers: 1, channels: CHANNELS });
  let world: World | undefined;
  try {
    world = await World.open(stage.system as CrashSystem);
    return await work(world);
  } finally {
    await world?.close();
    await stage.stop();
  }
}

/** Every case in the long form; in the short one each point once that does not take half a minute to come to. */
function casesOf({ minutes }: OwnCaseOptions, world: World): readonly CrashCase[] {
  return CRASH_CASES.filter(
    ({ isLong, needsDovecot }) =>
      (minutes !== undefined || isLong !== true) && (needsDovecot !== true || world.system.dovecot !== undefined),
  );
}

/** What `npm run faults -- --only …` knows of this folder. */
export const crashPointCases: readonly OwnCase[] = [
  {
    name: 'crash-points',
    what: 'kill -9 at every named crash point of running services',
    forms: ['standalone', 'cluster'],
    prove: (options) =>
      inWorld(options, async (world) => {
        const cases = casesOf(options, world);
        const report = await runCrashCases(world, cases, { limitMs: QUIET_MS, tell: options.say });
        const { acknowledged, doubled, lost, sentTwice } = report.verdict;
        const figures = `${report.deaths.length} deaths, ${acknowledged} acknowledged, lost ${lost}, doubled ${doubled}, sent twice ${sentTwice}`;
        return { problems: crashProblems(report), figures };
      }),
  },
  {
    name: 'first-start',
    what: 'kill -9 at every named crash point of a first start, one after the other',
    forms: ['standalone'],
    prove: async ({ say }) => {
      const report = await runFirstStarts(say);
      return { problems: firstStartProblems(report), figures: `${report.deaths.length} deaths, then ready` };
    },
  },
  {
    name: 'crash-controls',
    what: 'negative controls of crash-points: a safeguard taken away behind a death turns the verdict red',
    forms: ['standalone'],
    prove: (options) =>
      inWorld(options, async (world) => {
        const problems: string[] = [];
        let { verdict } = await runCrashCases(world, [], { limitMs: QUIET_MS });
        for (const control of CRASH_CONTROLS) {
          const report = await runCrashControl(world, control, verdict, options.say);
          options.say(`${control.name}: ${report.isSeen ? 'red, as it must be' : 'NOT SEEN'}`);
          if (!report.isSeen) problems.push(`${control.name} (${control.without}) was not seen`);
          verdict = report.verdict;
        }
        return { problems, figures: `${CRASH_CONTROLS.length - problems.length} of ${CRASH_CONTROLS.length} red` };
      }),
  },
];
