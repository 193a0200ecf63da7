import { codeOf, cutByAny, ERROR_TRAITS, FaninError, type Clock, type ErrorCode } from '@fanin/kernel';
import { backOffMs, type HostTimings } from '../host-settings.js';
import type { CaptureRun } from './run-account.js';

/** Tried again, but rarely: a person must act, perhaps at the provider, and nobody should have to restart us then. */
const CREDENTIALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['AUTH', 'PERMISSION']);
/** A BUG is tried again, rarely: the next version may mend it. */
const BUG_FACTOR = 5;

/** Only another configuration mends it, and that comes with a restart. */
export function isFinal(error: unknown): boolean {
  return codeOf(error) === 'CONFIG';
}

export function isAboutCredentials(error: unknown): boolean {
  return CREDENTIALS.has(codeOf(error));
}

/** Shows the state, then waits; without `wait` the account rests until a restart. */
export async function failed(
  run: CaptureRun,
  error: unknown,
  failures = 1,
  wait?: (ms: number) => Promise<void>,
): Promise<void> {
  const { account, parts, states } = run;
  const code = codeOf(error);
  parts.metrics.count('fanin_channel_errors_total', { channel_slug: account.manifest.slug, account: account.id, code });
  if (code === 'BUG') parts.logger.error('a channel failed in an unexpected way', { account: account.id, error });
  if (wait === undefined) return states.fail(account, error);
  const ms = waitMsAfter(error, failures, parts.timings);
  await states.fail(account, error, parts.clock.now() + ms);
  await wait(ms);
}

function waitMsAfter(error: unknown, failures: number, timings: HostTimings): number {
  const told = error instanceof FaninError ? (error.retryAfterMs ?? 0) : 0;
  if (isAboutCredentials(error))
    return Math.max(told, backOffMs(failures, timings.credentialsRetryMs, timings.credentialsRetryMaxMs));
  const factor = ERROR_TRAITS[codeOf(error)].retriable ? 1 : BUG_FACTOR;
  return Math.max(told, factor * backOffMs(failures, timings.backOffBaseMs, timings.backOffMaxMs));
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
      await cutByAny([signal, cutting.signal], (cut) => clock.sleep(ms, cut));
      cutting = new AbortController();
    },
    cut: () => cutting.abort(),
  };
}
