import { setTimeout as sleep } from 'node:timers/promises';
import { asSuperuser } from '../system/as-superuser.js';
import { lookAt, settledVerdict } from '../oracle/look.js';
import { untilQuiet } from '../oracle/quiet.js';
import { Recorder } from '../oracle/recorder.js';
import { judge, type Verdict } from '../oracle/verdict.js';
import type { Form, Stage } from './case.js';
import type { Control, ControlWorld, DoctoredControl, LiveControl } from './controls/control.js';
import { DOCTORED } from './controls/doctored.js';
import { LIVE } from './controls/live.js';
import { Random } from './random.js';
import { startStage } from './stage.js';
import { Supervisor } from './supervisor.js';
import { Traffic } from './traffic.js';

export interface ControlOutcome {
  readonly name: string;
  /** With the safeguard nothing of it is seen. */
  readonly green: boolean;
  /** Without it, it is. */
  readonly red: boolean;
  /** The first line of what it was seen by. */
  readonly by: string;
}

export interface ControlOptions {
  readonly form: Form;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export const CONTROLS: readonly Control[] = [...DOCTORED, ...LIVE];

const TRAFFIC_MS = 6_000;
const REST_MS = 60_000;
const LOOKS = 10;
/** Longer than windows rest between two flushes (15 s): what is seen then is not the movement of a system that is whole. */
const RESTLESS_MS = 30_000;

/** On a stage that is at rest: doctored first, since they leave no trace. */
export async function proveDoctored(
  stage: Stage,
  recorder: Recorder,
  controls: readonly DoctoredControl[],
): Promise<readonly ControlOutcome[]> {
  const outcomes: ControlOutcome[] = [];
  for (const control of controls) {
    const { sql } = control;
    const before = await calm(stage, recorder);
    const verdict = judge(await lookAt(stage.system, recorder, (client) => client.query(sql)));
    outcomes.push(outcomeOf(control, before, verdict));
  }
  return outcomes;
}

/** What is not doctored must be green, or what is seen afterwards would be its movement. */
async function calm(stage: Stage, recorder: Recorder): Promise<Verdict> {
  for (let look = 1; ; look += 1) {
    const verdict = judge(await lookAt(stage.system, recorder));
    if (verdict.problems.length === 0 || look === LOOKS) return verdict;
    await sleep(500);
  }
}

export async function proveControls(
  wanted: readonly Control[],
  options: ControlOptions,
): Promise<readonly ControlOutcome[]> {
  const doctored = DOCTORED.filter((each) => wanted.includes(each));
  const live = LIVE.filter((each) => wanted.includes(each));
  const outcomes: ControlOutcome[] = [];
  let stage = await startStage({ form: options.form, brokers: 1 });
  try {
    const recorder = await shownGreen(stage, options);
    outcomes.push(...(await proveDoctored(stage, recorder, doctored)));
    for (const control of live) {
      if (!(await isGreenYet(stage))) {
        options.say('starting a system in place of the one that the last control broke for good');
        await stage.stop();
        stage = await startStage({ form: options.form, brokers: 1 });
      }
      const missing = control.missing?.(stage);
      options.say(`${control.name}: ${missing === undefined ? control.off : `left out, ${missing}`}`);
      if (missing === undefined) outcomes.push(await proveLive(control, stage, new Random(options.seed)));
    }
    return outcomes;
  } finally {
    await stage.stop();
  }
}

/** Traffic at every door, and all is well. */
async function shownGreen(stage: Stage, { seed, say }: ControlOptions): Promise<Recorder> {
  const { system } = stage;
  const recorder = new Recorder();
  const traffic = new Traffic({ system, recorder, random: new Random(seed), run: `controls${seed}` });
  await sleep(TRAFFIC_MS);
  await traffic.stop();
  await untilQuiet(system, { limitMs: REST_MS });
  recorder.heard = await traffic.heard();
  const green = await settledVerdict(system, recorder, REST_MS);
  if (green.problems.length > 0) throw new Error(`red before anything is off: ${green.problems.join('; ')}`);
  say(`green with every safeguard on: ${green.acknowledged} acknowledged`);
  return recorder;
}

async function isGreenYet(stage: Stage): Promise<boolean> {
  const isQuiet = await untilQuiet(stage.system, { limitMs: REST_MS }).then(
    () => true,
    () => false,
  );
  return isQuiet && (await calm(stage, new Recorder())).problems.length === 0;
}

/** The same traffic twice: with the safeguard, then without. */
export async function proveLive(control: LiveControl, stage: Stage, random: Random): Promise<ControlOutcome> {
  const supervisor = new Supervisor(stage);
  try {
    const on = await driven(control, { stage, supervisor, random, isOff: false });
    return outcomeOf(control, on, await driven(control, { stage, supervisor, random, isOff: true }));
  } finally {
    await supervisor.stop();
  }
}

async function driven(
  control: LiveControl,
  parts: Pick<ControlWorld, 'stage' | 'supervisor' | 'random' | 'isOff'>,
): Promise<Verdict> {
  const { system } = parts.stage;
  const recorder = new Recorder();
  const [faults, restless]: [string[], string[]] = [[], []];
  const world: ControlWorld = {
    ...parts,
    recorder,
    // One connection a statement: the server may go and come back in between, under another address.
    sql: (text) => asSuperuser(system, async (client) => void (await client.query(text))),
    fault: (line) => faults.push(line),
  };
  await control.drive(world);
  const limitMs = parts.isOff && control.restless === true ? RESTLESS_MS : REST_MS;
  await untilQuiet(system, { limitMs }).catch((error: unknown) => restless.push(String(error)));
  const verdict = judge(await lookAt(system, recorder));
  await control.mend?.(world);
  return { ...verdict, problems: [...faults, ...verdict.problems, ...restless] };
}

function outcomeOf(control: Control, on: Verdict, off: Verdict): ControlOutcome {
  const by = off.problems.find((line) => !on.problems.includes(line)) ?? 'nothing';
  return { name: control.name, green: control.count(on) === 0, red: control.count(off) > control.count(on), by };
}
