import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from '../drive/driver.js';
import type { LoadProcess } from '../drive/load-process.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { MeasuredSystem } from './measured-system.js';
import { costOf } from './process-cost.js';

export interface Stages {
  /** CPU of all processes for one message while nothing is made of it but a record: doors, normalisers, log. */
  readonly captureMs: number;
  /** The same for the rest: tickets, facts, numbers, from a backlog. */
  readonly ticketMs: number;
  /** Of the load generator. */
  readonly loadMs: number;
  /** Messages a second that the machine's cores could do, were they never idle and each stage as cheap as when alone. */
  readonly ceiling: number;
  /** Messages a second from the backlog into the database. */
  readonly drainPerSecond: number;
  readonly messages: number;
}

export interface StagesOptions {
  readonly paces: Readonly<Record<string, Pace>>;
  readonly seconds: number;
  /** Stops those who make tickets and numbers, with the process kept; `go` continues them. */
  hold(): void;
  go(): void;
}

const DRAIN_LIMIT_MS = 240_000;

/** Each stage alone: first what captures and normalises, then, with the load gone, what makes tickets of the backlog. */
export async function measureStages(
  { watch, system, costs }: MeasuredSystem,
  load: LoadProcess,
  options: StagesOptions,
): Promise<Stages> {
  const total = (): number => Object.values(costs()).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  const storedBefore = await watch.storedExactly();
  options.hold();
  const [began, loadBegan] = [total(), costOf(load.pid).cpuMs];
  await load.reset();
  await load.begin(options.paces);
  await sleep(options.seconds * 1000);
  const reports = await load.stop();
  const messages = Object.values(reports).reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const loadMs = (costOf(load.pid).cpuMs - loadBegan) / messages;
  // What is acknowledged is normalised a moment later: those processes go quiet.
  await settled(total);
  const captured = total();
  options.go();
  const drain = await drainRate(watch, storedBefore, messages);
  await untilQuiet(system, { limitMs: DRAIN_LIMIT_MS });
  const [captureMs, ticketMs] = [(captured - began) / messages, (total() - captured) / messages];
  const ceiling = (cpus().length * 1000) / (captureMs + ticketMs + loadMs);
  return { captureMs, ticketMs, loadMs, ceiling, drainPerSecond: drain, messages };
}

/** From the first message that comes out of the backlog to the last. */
async function drainRate(watch: MeasuredSystem['watch'], before: number, messages: number): Promise<number> {
  let first = before;
  let firstMs = performance.now();
  await watch.untilStored(before + 1, 60_000);
  first = await watch.storedExactly();
  firstMs = performance.now();
  await watch.untilStored(before + messages, DRAIN_LIMIT_MS);
  return (before + messages - first) / ((performance.now() - firstMs) / 1000);
}

/** Until a second costs no more than an idle one does. */
async function settled(total: () => number): Promise<void> {
  for (let seconds = 0; seconds < 20; seconds += 1) {
    const before = total();
    await sleep(1_000);
    if (total() - before < 500) return;
  }
}
