import type { Emit } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, messageOf } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import type { AccountStates } from '../state/account-states.js';
import { acquireLease, type Lease } from '../state/leases.js';
import { failed } from './failure.js';
import { runPoll } from './run-poll.js';
import { runStream } from './run-stream.js';

/** The capture of one account in one process. */
export interface CaptureRun {
  readonly account: HostedAccount;
  readonly parts: HostParts;
  readonly states: AccountStates;
  readonly emit: Emit;
  /** Names this process among the replicas. */
  readonly holder: string;
  /** Aborts when the service stops. */
  readonly signal: AbortSignal;
}

/** Runs what is not driven by requests: polls and streams. Resolves when the signal aborted or no attempt can help. */
export async function runAccount(run: CaptureRun): Promise<void> {
  const capture = run.account.instance?.capture;
  if (capture === undefined) return;
  if (capture.shape === 'webhook') return run.states.set(run.account, { state: 'connected' });
  if (capture.shape === 'stream' && !capture.exclusive) return runStream(run, capture, undefined);
  await underLease(run, (lease) =>
    capture.shape === 'poll' ? runPoll(run, capture, lease) : runStream(run, capture, lease),
  );
}

/** Takes the lease again and again; while another process has it, that one tells the state. */
async function underLease(run: CaptureRun, work: (lease: Lease) => Promise<void>): Promise<void> {
  const { account, parts, signal, holder } = run;
  const { clock, logger, timings } = parts;
  while (!signal.aborted) {
    let lease: Lease | undefined;
    try {
      lease = await acquireLease(account, holder, parts);
    } catch (error) {
      logger[ERROR_TRAITS[codeOf(error)].level]('a lease could not be asked for', {
        account: account.id,
        reason: messageOf(error),
      });
    }
    if (lease === undefined) {
      await clock.sleep((timings.leaseMs / 3) * (0.8 + Math.random() * 0.4), signal);
      continue;
    }
    try {
      await work(lease);
      // Whoever stops for good while the lease stands has shown why; the others would only fail the same way.
      if (!lease.signal.aborted && !signal.aborted) return;
    } catch (error) {
      await failed(run, error);
      return;
    } finally {
      await lease.release();
    }
  }
}
