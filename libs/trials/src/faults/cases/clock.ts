import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dist, type Environment } from '../../system/program.js';
import type { FaultCase } from '../case.js';

const HOUR_MS = 3_600_000;
/** Kafka refuses records dated more than an hour ahead of its own clock (log.message.timestamp.after.max.ms). */
const SHIFTS_MS = [0.9 * HOUR_MS, -HOUR_MS, -25 * HOUR_MS, 26 * HOUR_MS] as const;

function shifted(ms: number): Environment {
  const file = pathToFileURL(join(dist, 'libs', 'trials', 'src', 'faults', 'shifted-clock.js')).href;
  return { NODE_OPTIONS: `--import=${file}`, FANIN_TRIAL_CLOCK_SHIFT_MS: String(ms) };
}

/** Windows and reply windows follow the clock, so only what must hold at any time is looked at. */
const clock: FaultCase = {
  name: 'clock',
  what: 'services started with a wall clock an hour or a day ahead or behind, then with the right one',
  forms: ['cluster', 'standalone'],
  streams: ['smtp', 'chat', 'twilio', 'meta', 'replies-email', 'desk'],
  seconds: 20,
  async breakThings(run) {
    const until = performance.now() + run.seconds * 1000;
    for (const ms of run.random.shuffled(SHIFTS_MS)) {
      const part = run.random.pick(run.parts);
      await run.supervisor.restart(part, shifted(ms));
      run.note(`${part} ${ms > 0 ? '+' : ''}${Math.round(ms / HOUR_MS)} h`);
      await sleep(3_000);
      await run.supervisor.restart(part);
      if (performance.now() > until) break;
    }
  },
};

export const CLOCK_CASES: readonly FaultCase[] = [clock];
