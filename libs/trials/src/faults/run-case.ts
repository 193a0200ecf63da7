import { setTimeout as sleep } from 'node:timers/promises';
import { untilArrived } from '../oracle/arrived.js';
import { settledVerdict } from '../oracle/look.js';
import { untilQuiet } from '../oracle/quiet.js';
import { Recorder } from '../oracle/recorder.js';
import type { Verdict } from '../oracle/verdict.js';
import type { FaultCase, FaultRun, Stage } from './case.js';
import { Random } from './random.js';
import { Supervisor } from './supervisor.js';
import { Traffic, type Stream } from './traffic.js';
import { isAtVendor } from './vendor-customers.js';

export interface CaseOptions {
  /** With the name of the case it gives the schedule of the faults, whatever else is run. */
  readonly seed: number;
  /** How long things are broken; default the case's own short time. */
  readonly seconds?: number;
  /** How long what was broken may take to come to rest. */
  readonly quietMs: number;
  readonly pace?: number;
  /** Only these of the case's streams. */
  readonly streams?: readonly Stream[];
  readonly say?: (line: string) => void;
  /** Default: one of the case's own. */
  readonly recorder?: Recorder;
}

export interface CaseReport {
  readonly name: string;
  readonly form: Stage['form'];
  readonly verdict: Verdict | undefined;
  /** Everything that makes it red. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly seconds: number;
  /** From the end of the traffic to rest. */
  readonly drainSeconds: number | undefined;
}

const WARM_UP_MS = 2_000;

/** Load, break, mend, wait for rest, compare. Never rejects: what goes wrong makes the report red. */
export async function runCase(stage: Stage, fault: FaultCase, options: CaseOptions): Promise<CaseReport> {
  const began = performance.now();
  const random = Random.of(options.seed, fault.name);
  const { recorder = new Recorder() } = options;
  const supervisor = new Supervisor(stage);
  const [problems, notes]: [string[], string[]] = [[], []];
  const streams = options.streams ?? fault.streams;
  const traffic = new Traffic({
    system: stage.system,
    recorder,
    random: Random.of(options.seed, `traffic of ${fault.name}`),
    run: `${fault.name.slice(0, 8)}${Math.floor(began)}`,
    ...(streams === undefined ? {} : { streams }),
    ...(fault.unordered === undefined ? {} : { unordered: fault.unordered }),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  });
  const seconds = options.seconds ?? fault.seconds ?? 10;
  const run: FaultRun = {
    ...stage,
    random,
    seconds,
    supervisor,
    traffic,
    recorder,
    note: (figure) => notes.push(figure),
    fault: (line) => problems.push(line),
  };
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) =>
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  await sleep(WARM_UP_MS);
  options.say?.(`${fault.name}: breaking`);
  await attempt('the case itself', () => fault.breakThings(run));
  await attempt('recovery', () => supervisor.whole());
  await sleep(WARM_UP_MS);
  await attempt('traffic', async () => problems.push(...(await traffic.stop())));
  options.say?.(`${fault.name}: waiting for rest (${recorder.acknowledgedCount} acknowledged)`);
  let drained: number | undefined;
  await attempt('rest', async () => {
    const stopped = performance.now();
    // What customers wrote at the vendors comes by lists and repetitions, and what lies in a mailbox when whoever reads it has
    // its lease: a reader that was killed holds it for a while.
    const elsewhere = recorder
      .messages()
      .filter(({ one, state }) => state === 'acknowledged' && (isAtVendor(one.door) || one.door === 'imap'));
    const doors = await untilArrived(stage.system, elsewhere, VENDORS_LIMIT_MS);
    const rest = await untilQuiet(stage.system, { limitMs: options.quietMs });
    drained = performance.now() - stopped;
    if (drained < LONG_REST_MS) return;
    const [fetching, coming] = [drained - rest.ms, rest.ms].map((ms) => Math.round(ms / 1000));
    notes.push(`rest: ${fetching} s for ${doors.join(', ') || 'no door'}, ${coming} s for ${rest.last.join(', ')}`);
  });
  await attempt('visitors', async () => {
    recorder.heard = await traffic.heard();
  });
  await supervisor.stop();
  let verdict: Verdict | undefined;
  await attempt('verdict', async () => (verdict = await settledVerdict(stage.system, recorder, VENDORS_LIMIT_MS)));
  if (recorder.acknowledgedCount === 0) problems.push('nothing was acknowledged: the case proves nothing');
  const left = supervisor.leftByThemselves;
  // A cluster starts again what left; of the one process nobody takes care.
  const mayLeave = stage.form === 'cluster' && fault.mayLeave === true;
  if (left.length > 0) (mayLeave ? notes : problems).push(`left by themselves: ${[...new Set(left)].join(', ')}`);
  return {
    name: fault.name,
    form: stage.form,
    verdict,
    problems: [...problems, ...((verdict as Verdict | undefined)?.problems ?? [])],
    notes,
    seconds: (performance.now() - began) / 1000,
    drainSeconds: drained === undefined ? undefined : drained / 1000,
  };
}

const VENDORS_LIMIT_MS = 240_000;
const LONG_REST_MS = 30_000;
