import { setTimeout as sleep } from 'node:timers/promises';
import type { DriveReport, Pace } from '../drive/driver.js';
import type { LoadProcess } from '../drive/load-process.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { MeasuredSystem } from './measured-system.js';
import { costOf } from './process-cost.js';

/** What a stretch of load cost, from its first message until everything was at rest. */
export interface Turn {
  /** Acknowledged, and found stored. */
  readonly messages: number;
  /** From the first message to the commit of the last. */
  readonly seconds: number;
  readonly perSecond: number;
  /** By process, of all messages. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** Of all processes but the load generator, for one message. */
  readonly cpuMsEach: number;
  readonly loadCpuMs: number;
  /** Of all services; those that wrote something wait for the disk. */
  readonly commits: Commits;
  readonly reports: Readonly<Record<string, DriveReport>>;
}

interface Commits {
  readonly all: number;
  readonly writing: number;
}

export interface TurnOptions {
  readonly paces: Readonly<Record<string, Pace>>;
  readonly seconds: number;
}

/**
 * Drives for a while and waits until all is stored, the numbers made and every outbox empty: what is put off to later is
 * counted too. Throws when a message that was acknowledged is not stored.
 */
export async function takeTurn(measured: MeasuredSystem, load: LoadProcess, options: TurnOptions): Promise<Turn> {
  const { watch, system } = measured;
  const [before, storedBefore, commitsBefore] = [measured.costs(), await watch.storedExactly(), await commitsOf(watch)];
  const loadBefore = costOf(load.pid).cpuMs;
  await load.reset();
  const began = performance.now();
  await load.begin(options.paces);
  await sleep(options.seconds * 1000);
  const reports = await load.stop();
  const messages = Object.values(reports).reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  await watch.untilStored(storedBefore + messages);
  const seconds = (performance.now() - began) / 1000;
  const loadCpuMs = costOf(load.pid).cpuMs - loadBefore;
  await untilQuiet(system, { limitMs: 60_000 });
  const [after, commits] = [measured.costs(), await commitsOf(watch)];
  const cpuMs = Object.fromEntries(
    Object.entries(after).map(([name, cost]) => [name, cost.cpuMs - (before[name]?.cpuMs ?? 0)]),
  );
  const total = Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
  return {
    messages,
    seconds,
    perSecond: messages / seconds,
    cpuMs,
    cpuMsEach: total / messages,
    loadCpuMs,
    commits: { all: commits.all - commitsBefore.all, writing: commits.writing - commitsBefore.writing },
    reports,
  };
}

async function commitsOf(watch: MeasuredSystem['watch']): Promise<Commits> {
  return { all: await watch.commits(), writing: await watch.writingTransactions() };
}
