import { runPoison, type PoisonOptions } from './run-poison.js';
import type { WorldOptions } from './poison-world.js';

/** A safeguard that is taken away from the ticket core, and what must then be told. */
export interface PoisonControl {
  readonly without: NonNullable<WorldOptions['without']>;
  readonly signs: readonly string[];
}

export const POISON_CONTROLS: readonly PoisonControl[] = [
  { without: 'dead letters', signs: ['dead letters: 0, and 12 were bad'] },
  { without: 'isolation', signs: ['not at rest: there is a lag, or the outbox is not empty', 'lost: '] },
  { without: 'stable ids', signs: ['doubled: poison-m'] },
];

/** Of each kind of poison one. */
const SMALL = { records: 240, bad: 12 };

/** The signs that were not there; none when the trial sees what is missing. */
export async function unseenOf(
  { without, signs }: PoisonControl,
  options: Omit<PoisonOptions, 'records' | 'bad'>,
): Promise<readonly string[]> {
  // Without isolation there is no rest to wait for.
  const restMs = without === 'isolation' ? 4_000 : 60_000;
  const { problems } = await runPoison({ ...options, ...SMALL, without, restMs });
  return signs.filter((sign) => !problems.some((line) => line.startsWith(sign)));
}

/** The same records with every safeguard: what is wrong, a line each. */
export async function faultsWithAll(options: Omit<PoisonOptions, 'records' | 'bad'>): Promise<readonly string[]> {
  return (await runPoison({ ...options, ...SMALL })).problems;
}
