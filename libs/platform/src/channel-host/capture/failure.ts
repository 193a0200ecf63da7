import { codeOf, ERROR_TRAITS, FaninError, type Clock, type ErrorCode } from '@fanin/kernel';
import { backOffMs, type HostTimings } from '../host-settings.js';
import type { CaptureRun } from './run-account.js';

/** Codes that no further attempt mends before a person acts. A BUG is tried again, rarely: the next version may mend it. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['AUTH', 'PERMISSION', 'CONFIG']);
const BUG_FACTOR = 5;

export function isHopeless(error: unknown): boolean {
  return HOPELESS.has(codeOf(error));
}

/** Shows the state, then waits; without `wait` the account rests until a restart. */
export async function failed(
  run: CaptureRun,
  error: unknown,
  failures = 1,
  wait?: (ms: number) => Promise<void>,
  timings?: HostTimings,
): Promise<void> {
  const { account, parts, states } = run;
  const code = codeOf(error);
  parts.metrics.count('fanin_channel_errors_total', { channel_slug: account.manifest.slug, account: account.id, code });
  if (code === 'BUG') parts.logger.error('a channel failed in an unexpected way', { account: account.id, error });
  if (wait === undefined || timings === undefined) return states.fail(account, error);
  const told = error instanceof FaninError ? (error.retryAfterMs ?? 0) : 0;
  const factor = ERROR_TRAITS[code].retriable ? 1 : BUG_FACTOR;
  const ms = Math.max(told, factor * backOffMs(failures, timings.backOffBaseMs, timings.backOffMaxMs));
  await states.fail(account, error, parts.clock.now() + ms);
  await wait(ms);
}

/** A wait that can be cut short; a cut that comes between two waits is not lost. */
export interface Pause {
  wait(ms: number, signal: AbortSignal): Promise<void>;
  cut(): void;
}

export function createPause(clock: Clock): Pause {
  let cutting = new AbortController();
  return {
    async wait(ms, signal) {
      await clock.sleep(ms, AbortSignal.any([signal, cutting.signal]));
      cutting = new AbortController();
    },
    cut: () => cutting.abort(),
  };
}
