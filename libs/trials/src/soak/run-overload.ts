import { writeFileSync } from 'node:fs';
import type { DriveReport } from '../drive/driver.js';
import { Histogram } from '../drive/histogram.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { SoakOptions } from './options.js';
import { lineOf, measureTopRate, sayReports, type SoakWorld } from './run-soak.js';
import { isInbound, Sampler } from './sampler.js';
import { describeStored, isWhole, judgeStored } from './stored-once.js';
import { pacesAt } from './traffic.js';

const SAMPLE_EVERY_MS = 5_000;
const AFTER_SECONDS = 30;
const REST_LIMIT_MS = 600_000;
/** A provider's patience, from when the message was due: Twilio waits 15 s, X and Meta 10 to 20 s. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * Twice what it can do, then half of that. True when answers stayed within bounds, refusals among them, everything that was
 * acknowledged is stored once, and afterwards nothing is refused any more.
 */
export async function runOverload(world: SoakWorld, options: SoakOptions): Promise<boolean> {
  const { measured, load, drives, recorder, say } = world;
  const top = options.rate ?? (await measureTopRate(world));
  say(`top rate ${top.toFixed(0)} messages/s; twice that for ${options.seconds} s`);
  const sampler = new Sampler(measured, load, await measured.watch.stored(), (sample) => say(lineOf(sample)));
  await load.reset();
  sampler.start(SAMPLE_EVERY_MS);
  await load.begin(pacesAt(top * 2, drives));
  await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000));
  const during = await load.stop();
  sayReports(during, say);
  const rest = await untilQuiet(measured.system, { limitMs: REST_LIMIT_MS });
  say(`what was taken is in tickets ${(rest / 1000).toFixed(1)} s after the last answer; now half the top rate`);
  await load.reset();
  await load.begin(pacesAt(top / 2, drives));
  await new Promise((resolve) => setTimeout(resolve, AFTER_SECONDS * 1000));
  const afterwards = await load.stop();
  const samples = await sampler.stop();
  sayReports(afterwards, say);
  await untilQuiet(measured.system, { limitMs: REST_LIMIT_MS });
  const stored = await judgeStored(recorder, measured.watch);
  say(describeStored(stored));
  const bounded = boundedAnswers(during);
  const refusedAfter = inbound(afterwards).reduce((sum, { refused }) => sum + count(refused), 0);
  say(`${bounded ? 'ok   ' : 'BROKEN'} 99 of 100 answers within ${ANSWER_WITHIN_MS / 1000} s of when they were due`);
  say(`${refusedAfter === 0 ? 'ok   ' : 'BROKEN'} ${refusedAfter} refused after the overload`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ top, stored, during, afterwards, samples }, null, 1)}\n`);
  return isWhole(stored) && bounded && refusedAfter === 0;
}

const inbound = (reports: Readonly<Record<string, DriveReport>>): readonly DriveReport[] =>
  Object.entries(reports)
    .filter(([name]) => isInbound(name))
    .map(([, report]) => report);

const count = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0);

function boundedAnswers(reports: Readonly<Record<string, DriveReport>>): boolean {
  return inbound(reports).every(({ latency, refusalLatency }) => {
    const all = new Histogram();
    all.merge(latency);
    all.merge(refusalLatency);
    return all.quantile(0.99) <= ANSWER_WITHIN_MS;
  });
}
