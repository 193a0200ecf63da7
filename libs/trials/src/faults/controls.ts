import pg from 'pg';
import { lookAt } from '../oracle/look.js';
import { untilQuiet } from '../oracle/quiet.js';
import { Recorder } from '../oracle/recorder.js';
import { judge, type Verdict } from '../oracle/verdict.js';
import type { Form, Stage } from './case.js';
import { sleep } from './case.js';
import { DOCTORED } from './controls/doctored.js';
import { LIVE } from './controls/live.js';
import { Random } from './random.js';
import { startStage } from './stage.js';
import { Supervisor } from './supervisor.js';
import { Traffic } from './traffic.js';

/** A safeguard switched off in the trial's own database or road; the verdict must see what comes of it. */
export interface Control {
  readonly name: string;
  /** What is off. */
  readonly off: string;
  /** How much of what it must show is there. */
  count(verdict: Verdict): number;
}

/** The rows are changed as the missing safeguard would have left them, in a transaction that is rolled back. */
export interface DoctoredControl extends Control {
  readonly sql: string;
}

/** The safeguard is off while traffic flows. */
export interface LiveControl extends Control {
  breakIt(world: ControlWorld): Promise<void>;
}

export interface ControlWorld {
  readonly stage: Stage;
  readonly supervisor: Supervisor;
  readonly recorder: Recorder;
  readonly random: Random;
  sql(text: string): Promise<void>;
}

export interface ControlOutcome {
  readonly name: string;
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
/** Where rest itself is what a missing safeguard takes away. */
const LIVE_REST_MS = 12_000;

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
  { form, seed, say }: ControlOptions,
): Promise<readonly ControlOutcome[]> {
  const stage = await startStage({ form, brokers: 1 });
  const supervisor = new Supervisor(stage);
  try {
    const [random, recorder] = [new Random(seed), new Recorder()];
    const { system, key } = stage;
    const traffic = new Traffic({ system, recorder, random, key, run: `controls${seed}` });
    await sleep(TRAFFIC_MS);
    await traffic.stop();
    await untilQuiet(system, { limitMs: REST_MS });
    const green = judge(await lookAt(system, recorder));
    if (green.problems.length > 0) throw new Error(`red before anything is off: ${green.problems.join('; ')}`);
    say(`green with every safeguard on: ${green.acknowledged} acknowledged`);
    const outcomes = [
      ...(await proveDoctored(
        stage,
        recorder,
        DOCTORED.filter((each) => wanted.includes(each)),
      )),
    ];
    for (const control of LIVE.filter((each) => wanted.includes(each))) {
      say(`${control.name}: ${control.off}`);
      outcomes.push(await proveLive(control, { stage, supervisor, random }));
    }
    return outcomes;
  } finally {
    await supervisor.stop();
    await stage.stop();
  }
}

export async function proveLive(
  control: LiveControl,
  parts: Pick<ControlWorld, 'stage' | 'supervisor' | 'random'>,
): Promise<ControlOutcome> {
  const { system } = parts.stage;
  const recorder = new Recorder();
  const before = judge(await lookAt(system, recorder));
  const restless: string[] = [];
  // One connection a statement: the server may go and come back in between, under another address.
  const sql = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: system.adminUrl });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await control.breakIt({ ...parts, recorder, sql });
  await untilQuiet(system, { limitMs: LIVE_REST_MS }).catch((error: unknown) => restless.push(String(error)));
  const verdict = judge(await lookAt(system, recorder));
  return outcomeOf(control, before, { ...verdict, problems: [...restless, ...verdict.problems] });
}

function outcomeOf(control: Control, before: Verdict, after: Verdict): ControlOutcome {
  const by = after.problems.find((line) => !before.problems.includes(line)) ?? 'nothing';
  return { name: control.name, red: control.count(after) > control.count(before), by };
}
