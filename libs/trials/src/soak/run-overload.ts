import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriveReport } from '../drive/driver.js';
import { NOT_TOLD_WHEN } from '../drive/doors/http-post.js';
import { Histogram } from '../drive/histogram.js';
import { untilQuiet } from '../oracle/quiet.js';
import { isGreen } from '../oracle/verdict.js';
import { describeVerdict, judgeAtRest } from './judge.js';
import type { SoakOptions } from './options.js';
import { lineOf, measureTopRate, sayReports, type SoakWorld } from './run-soak.js';
import { Sampler } from './sampler.js';
import { isInbound, pacesAt } from './traffic.js';

const SAMPLE_EVERY_MS = 5_000;
const AFTER_SECONDS = 30;
const REST_LIMIT_MS = 600_000;
/**
 * A provider's patience: Twilio waits 15 s, X and Meta 10 to 20 s; a mail server waits 10 minutes for the answer to a mail
 * (RFC 5321 §4.5.3.2.6). A voicemail is told by two callbacks, one after the other: twice the time of one. Who appends to
 * the mailbox is answered by Dovecot.
 */
const ANSWER_WITHIN_MS = { smtp: 60_000, agents: 20_000, voice: 20_000, others: 10_000 };
/** Of what was handed in, so much may go without an answer: clients give up, lines break. */
const UNANSWERED_SHARE = 0.01;

/**
 * Twice what it can do, then half of that. True when answers stayed within bounds, refusals among them, the verdict on all that
 * was acknowledged is green, and afterwards nothing is refused any more.
 */
export async function runOverload(world: SoakWorld, options: SoakOptions): Promise<boolean> {
  const { measured, load, drives, recorder, say } = world;
  const top = options.rate ?? (await measureTopRate(world));
  say(`top rate ${top.toFixed(0)} messages/s; twice that for ${options.seconds} s`);
  await load.reset();
  const sampler = await Sampler.start(measured, load, SAMPLE_EVERY_MS, (sample) => say(lineOf(sample)));
  await load.begin(pacesAt(top * 2, drives));
  await sleep(options.seconds * 1000);
  const during = await load.stop();
  sayReports(during, say);
  const { ms } = await untilQuiet(measured.system, { limitMs: REST_LIMIT_MS });
  say(`what was taken is in tickets ${(ms / 1000).toFixed(1)} s after the last answer; now half the top rate`);
  await load.reset();
  await load.begin(pacesAt(top / 2, drives));
  await sleep(AFTER_SECONDS * 1000);
  const afterwards = await load.stop();
  const samples = await sampler.stop();
  sayReports(afterwards, say);
  await untilQuiet(measured.system, { limitMs: REST_LIMIT_MS });
  const verdict = await judgeAtRest(measured.system, recorder);
  say(describeVerdict(verdict));
  const late = lateDoors(during);
  const refusedAfter = inbound(afterwards).reduce((sum, { refused }) => sum + count(refused), 0);
  say(
    `${late.length === 0 ? 'ok   ' : 'BROKEN'} 99 of 100 answers in time (webhooks and chat 10 s, the two callbacks of a voicemail 20 s, agents 20 s, mail 60 s) ${late.join(', ')}`,
  );
  const untold = [...Object.values(during), ...Object.values(afterwards)].reduce(
    (sum, { refused }) => sum + (refused[NOT_TOLD_WHEN] ?? 0),
    0,
  );
  say(`${untold === 0 ? 'ok   ' : 'BROKEN'} ${untold} times ${NOT_TOLD_WHEN}`);
  say(`${refusedAfter === 0 ? 'ok   ' : 'BROKEN'} ${refusedAfter} refused after the overload`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ top, verdict, during, afterwards, samples }, null, 1)}\n`);
  return isGreen(verdict) && late.length === 0 && untold === 0 && refusedAfter === 0;
}

const inbound = (reports: Readonly<Record<string, DriveReport>>): readonly DriveReport[] =>
  Object.entries(reports)
    .filter(([name]) => isInbound(name))
    .map(([, report]) => report);

const count = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0);

/** Refusals are answers. A visitor or a mail server that still waits for one has not handed in the next. */
function lateDoors(reports: Readonly<Record<string, DriveReport>>): readonly string[] {
  return Object.entries(reports).flatMap(([name, report]) => {
    if (name === 'readers' || name === 'imap') return [];
    if (report.sent === 0) return [`${name}: nothing was handed in`];
    const limitMs = limitOf(name);
    const p99 = Histogram.of(report.answered).quantile(0.99);
    const unanswered = count(report.unsure);
    return [
      ...(p99 <= limitMs ? [] : [`${name} ${(p99 / 1000).toFixed(1)} s`]),
      ...(unanswered <= report.sent * UNANSWERED_SHARE ? [] : [`${name}: ${unanswered} not answered`]),
    ];
  });
}

function limitOf(name: string): number {
  const { smtp, voice, agents, others } = ANSWER_WITHIN_MS;
  if (name === 'smtp') return smtp;
  if (name === 'voice') return voice;
  return isInbound(name) ? others : agents;
}
