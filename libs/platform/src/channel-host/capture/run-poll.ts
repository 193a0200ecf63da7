import type { PollCapture, PollOutcome } from '@fanin/connector-kit';
import { codeOf, messageOf } from '@fanin/kernel';
import type { Lease } from '../state/leases.js';
import { loadCheckpoint, storeCheckpoint } from '../state/checkpoints.js';
import type { CaptureRun } from './run-account.js';
import { createPause, failed, isHopeless } from './failure.js';

/**
 * Reads an account under its lease until the signal aborts or the lease is lost. The order of one turn is the promise that
 * nothing is lost: poll, append, then the cursor, then whatever the channel does at the provider.
 */
export async function runPoll(run: CaptureRun, capture: PollCapture, lease: Lease): Promise<void> {
  const { account, parts, states } = run;
  const { clock, timings } = parts;
  const signal = AbortSignal.any([run.signal, lease.signal]);
  const pause = createPause(clock);
  capture.onWake?.(() => pause.cut());
  let cursor: string | null | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (cursor === undefined) cursor = await loadCheckpoint(account, parts);
      const outcome = await capture.poll(cursor, signal);
      if (signal.aborted) return;
      await keep(run, capture, lease, cursor, outcome);
      cursor = outcome.cursor;
      failures = 0;
      await states.set(account, { state: outcome.backfilling === true ? 'backfilling' : 'connected' });
      if (!outcome.more) await pause.wait(capture.intervalMs * (0.9 + Math.random() / 5), signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      // The stored position may be ahead of ours when the answer to a write was lost, or be of no use any more.
      cursor = codeOf(error) === 'CURSOR_LOST' ? null : undefined;
      if (cursor === null) await states.note(account, [{ code: 'CURSOR_LOST', message: messageOf(error) }]);
      if (isHopeless(error)) return failed(run, error);
      await failed(run, error, failures, (ms) => pause.wait(ms, signal), timings);
    }
  }
}

async function keep(
  run: CaptureRun,
  capture: PollCapture,
  lease: Lease,
  cursor: string | null,
  outcome: PollOutcome,
): Promise<void> {
  const { account, parts, states, emit } = run;
  await emit(outcome.deliveries);
  if (outcome.cursor !== cursor) await storeCheckpoint(account, outcome.cursor, lease, parts);
  await states.note(account, outcome.notices ?? []);
  if (outcome.deliveries.length === 0 || capture.afterStored === undefined) return;
  await capture.afterStored(outcome.cursor).catch((error: unknown) =>
    parts.logger.warn('the provider could not be told what is stored', {
      account: account.id,
      reason: messageOf(error),
    }),
  );
}
