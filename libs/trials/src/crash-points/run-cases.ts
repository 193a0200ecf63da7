import { messageOf } from '@fanin/kernel';
import pg from 'pg';
import { verdictOn } from '../oracle/look.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { Verdict } from '../oracle/verdict.js';
import type { Part } from '../system/system.js';
import type { CrashCase } from './cases.js';
import { condemn, type CrashSystem, type Death } from './dying.js';
import type { World } from './world.js';

const TO_THE_POINT_MS = 90_000;
const STARTS = 4;

export interface CrashReport {
  readonly deaths: readonly (Death & { readonly name: string })[];
  /** What still moved when the time for rest was over. */
  readonly restless: readonly string[];
  readonly verdict: Verdict;
}

export interface RunOptions {
  readonly limitMs: number;
  /** Called with each death as it comes. */
  readonly tell?: (line: string) => void;
  /** Done while the last one is dead: what a safeguard would have to stand against. */
  readonly whileDead?: (client: pg.Client) => Promise<unknown>;
}

export function nameOf({ point, part, passing = 1 }: CrashCase): string {
  return `${point}${passing === 1 ? '' : `:${passing}`} of ${part}`;
}

/** Empty when every point was reached, nothing is lost, nothing is there twice, and all sums come out. */
export function crashProblems({ deaths, restless, verdict }: CrashReport): readonly string[] {
  const missed = deaths.filter(({ isReached }) => !isReached).map(({ name, how }) => `${name} was not reached: ${how}`);
  return [...missed, ...restless, ...verdict.problems];
}

/**
 * One death after the other on the same data: the start with the next point is the recovery from the one before. At the end
 * all runs without, everything that was begun is acknowledged, and when nothing moves any more the verdict falls.
 */
export async function runCrashCases(
  world: World,
  cases: readonly CrashCase[],
  { limitMs, tell, whileDead }: RunOptions,
): Promise<CrashReport> {
  const { system } = world;
  const deaths: (Death & { name: string })[] = [];
  for (const each of cases) {
    const began = performance.now();
    const death = await die(world, each, tell);
    deaths.push({ name: nameOf(each), ...death });
    tell?.(`${nameOf(each)}: ${death.how} (${Math.round(performance.now() - began)} ms)`);
    await system.kill(each.part);
    // In the cluster another part is next; in one process it is the same.
    const next = cases[deaths.length];
    if (next === undefined) await onDatabase(system, async (client) => whileDead?.(client));
    if (next === undefined || (system.form === 'cluster' && next.part !== each.part)) await revive(system, each);
  }
  await world.settled();
  const restless = await untilQuiet(system, { limitMs }).then(
    () => [],
    (error: unknown) => [messageOf(error)],
  );
  return { deaths, restless, verdict: await verdictOn(system, world.recorder, world.unreadable) };
}

async function die(world: World, each: CrashCase, tell: RunOptions['tell']): Promise<Death> {
  const { system } = world;
  await system.kill(each.part);
  await each.before?.(world);
  for (let start = 1; ; start += 1) {
    await letTimePass(system, each.part);
    const { started, death } = condemn(system, each.part, each.point, each.passing ?? 1);
    const early = await started;
    // A start that finds a busy database leaves, and whoever looks after it starts it again.
    if (early?.code === 1 && start < STARTS) {
      tell?.(`${nameOf(each)}: starts once more, it ${early.how}`);
      continue;
    }
    await each.drive?.(world);
    return inTime(death);
  }
}

async function inTime(death: Promise<Death>): Promise<Death> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Death>((resolve) => {
    const how = 'it lives: the point was not passed';
    timer = setTimeout(() => resolve({ isReached: false, code: null, how }), TO_THE_POINT_MS);
  });
  try {
    return await Promise.race([death, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function revive(system: CrashSystem, { part }: CrashCase): Promise<void> {
  for (let start = 1; ; start += 1) {
    await letTimePass(system, part);
    const failure = await system.revive(part).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (start === STARTS) throw failure;
  }
}

/**
 * What only waits for a clock need not be waited for: the leases and sessions of the dead, and the two minutes that a reply
 * is theirs. In a cluster the others live, so there it is the replies of the dead alone.
 */
export async function letTimePass(system: CrashSystem, part: Part): Promise<void> {
  const families = system.form === 'cluster' ? [part.replace('-connector', '')] : ['email', 'chat', 'phone', 'social'];
  await onDatabase(system, async (client) => {
    await client.query(
      `UPDATE channels.outbound SET held_until = clock_timestamp() WHERE state = 'sending'
       AND channel_slug IN (SELECT channel_slug FROM channels.accounts WHERE channel = ANY ($1))`,
      [families],
    );
    if (system.form === 'cluster') return;
    await client.query('UPDATE channels.leases SET expires_at = clock_timestamp()');
    await client.query('UPDATE bus.member SET expires_at = clock_timestamp()');
  });
}

async function onDatabase(system: CrashSystem, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: system.adminUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // The embedded server outlives a kill of its owner, not its owner's own leaving; then time passes by itself.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && system.form === 'embedded') return;
    throw error;
  }
  try {
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
