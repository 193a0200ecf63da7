import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriveReport } from '../drive/driver.js';
import type { DriveSpec, LoadProcess } from '../drive/load-process.js';
import type { MeasuredSystem } from '../measure/measured-system.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { Recorder } from '../oracle/recorder.js';
import { isGreen } from '../oracle/verdict.js';
import { describeVerdict, judgeAtRest } from './judge.js';
import type { SoakOptions } from './options.js';
import { pictureOf } from './picture.js';
import { describeLatency, furthestBehind, Sampler, type Sample } from './sampler.js';
import { slopesOf, type SlopeFinding } from './slopes.js';
import { pacesAt, pacesAtTop } from './traffic.js';

export interface SoakWorld {
  readonly measured: MeasuredSystem;
  readonly load: LoadProcess;
  readonly drives: readonly DriveSpec[];
  readonly recorder: Recorder;
  say(line: string): void;
}

const SAMPLE_EVERY_MS = 5_000;
const TOP_RATE_SECONDS = 60;
const TOP_RATE_WARM_UP_SECONDS = 20;
const TOP_RATE_SENDERS = 120;
/** Node's memory goes up in steps until about so many have gone through: what V8 has compiled and laid out by then stays. */
const WARM_UP_MESSAGES = 300_000;
const QUIET_LIMIT_MS = 120_000;

/** Messages a second that are stored while every door takes what it can: to the commit of the last of them. */
export async function measureTopRate({ measured, load, say }: SoakWorld): Promise<number> {
  const { watch, system } = measured;
  say(`measuring the top rate for ${TOP_RATE_SECONDS} s …`);
  const rateOver = async (seconds: number): Promise<number> => {
    const before = await watch.storedExactly();
    const began = performance.now();
    await load.reset();
    await load.begin(pacesAtTop(TOP_RATE_SENDERS));
    await sleep(seconds * 1000);
    const reports = await load.stop();
    const messages = Object.values(reports).reduce((sum, { acknowledged }) => sum + acknowledged, 0);
    await watch.untilStored(before + messages, QUIET_LIMIT_MS);
    const rate = messages / ((performance.now() - began) / 1000);
    await untilQuiet(system, { limitMs: QUIET_LIMIT_MS });
    return rate;
  };
  await rateOver(TOP_RATE_WARM_UP_SECONDS);
  return rateOver(TOP_RATE_SECONDS);
}

/** True when nothing grows and the verdict on all that was acknowledged is green. */
export async function runSoak(world: SoakWorld, options: SoakOptions): Promise<boolean> {
  const { measured, load, drives, recorder, say } = world;
  const rate = options.rate ?? (await measureTopRate(world)) / 2;
  const seconds = options.minutes * 60;
  const warmUpSeconds = Math.min(WARM_UP_MESSAGES / rate, seconds / 2);
  say(`${rate.toFixed(0)} messages/s for ${options.minutes} min, ${warmUpSeconds.toFixed(0)} s of them warm-up`);
  await load.reset();
  const sampler = await Sampler.start(measured, load, SAMPLE_EVERY_MS, (sample) => say(lineOf(sample)));
  await load.begin(pacesAt(rate, drives));
  await sleep(seconds * 1000);
  const samples = await sampler.stop();
  const reports = await load.stop();
  sayReports(reports, say);
  say(`at rest after ${((await untilQuiet(measured.system, { limitMs: QUIET_LIMIT_MS })).ms / 1000).toFixed(1)} s`);
  const ours = Object.keys(measured.costs()).filter((name) => name !== 'postgres' && name !== 'kafka');
  const after = samples.filter((sample) => sample.seconds > warmUpSeconds);
  const slopes = slopesOf(after, ours);
  for (const slope of slopes) say(describeSlope(slope));
  const title = `Soak: ${rate.toFixed(0)} messages/s for ${options.minutes} minutes, ${options.form}`;
  if (options.svg !== undefined) writeFileSync(options.svg, pictureOf(samples, title, warmUpSeconds));
  // Before the verdict, which has to read everything: what was seen must not depend on that.
  const keep = (found: object): void => {
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(found, null, 1)}\n`);
  };
  const seen = { rate, warmUpSeconds, slopes, reports, samples };
  keep(seen);
  const verdict = await judgeAtRest(measured.system, recorder);
  say(describeVerdict(verdict));
  keep({ ...seen, verdict });
  return isGreen(verdict) && slopes.every(({ verdict }) => verdict !== 'grows');
}

export function lineOf(sample: Sample): string {
  const { seconds, acknowledged, refused, connections, processes } = sample;
  const all = Object.values(processes);
  const memory = all.reduce((sum, { rssMb }) => sum + rssMb, 0);
  const handles = all.reduce((sum, each) => sum + each.handles, 0);
  const { group, records } = furthestBehind(sample);
  return (
    `${seconds.toFixed(0).padStart(5)} s  ${acknowledged} acknowledged, ${refused} refused, ${group} ${records} behind, ` +
    `${memory.toFixed(0)} MB, ${handles} handles, ${connections} connections`
  );
}

export function sayReports(reports: Readonly<Record<string, DriveReport>>, say: (line: string) => void): void {
  for (const [name, { sent, acknowledged, refused, unsure, latency, answered }] of Object.entries(reports)) {
    if (sent === 0) continue;
    const no = JSON.stringify(refused) + JSON.stringify(unsure);
    say(
      `${name.padEnd(13)} ${sent} sent, ${acknowledged} acknowledged ${no === '{}{}' ? '' : no}, ${describeLatency(latency)}; ` +
        `answered within ${describeLatency(answered)}`,
    );
  }
}

function describeSlope({ what, slope, atLeast, limit, unit, verdict }: SlopeFinding): string {
  const sure = Number.isFinite(atLeast) ? `, surely ${atLeast.toFixed(2)} or more` : '';
  const word = { ok: 'ok', grows: 'GROWS', unsure: 'unsure', too_short: 'too few messages to tell' }[verdict];
  return `${word.padEnd(6)} ${what}: ${slope.toFixed(2)} ${unit}${sure} (limit ${limit.toFixed(2)})`;
}
