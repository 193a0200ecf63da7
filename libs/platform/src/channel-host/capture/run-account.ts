import type { ChannelInstance, Emit } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, messageOf } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import type { AccountStates } from '../state/account-states.js';
import { acquireLease, type Lease } from '../state/leases.js';
import { failed } from './failure.js';
import { runChecks } from './run-checks.js';
import { runPoll } from './run-poll.js';
import { runStream } from './run-stream.js';
import type { Wakes } from './wakes.js';

/** The capture of one account in one process. */
export interface CaptureRun {
  readonly account: HostedAccount;
  readonly parts: HostParts;
  readonly states: AccountStates;
  readonly emit: Emit;
  readonly wakes: Wakes;
  /** Names this process among the replicas. */
  readonly holder: string;
  /** Aborts when the service stops. */
  readonly signal: AbortSignal;
}

/** Runs what is not driven by requests: polls, streams, second doors, checks. Resolves when the signal aborted or no attempt can help. */
export async function runAccount(run: CaptureRun): Promise<void> {
  const { instance } = run.account;
  if (instance === undefined) return;
  const { capture } = instance;
  if (capture.shape === 'stream' && !capture.exclusive) return runStream(run, capture, undefined);
  const work = workOf(run, instance);
  if (work === undefined) return run.states.set(run.account, { state: 'connected' });
  await underLease(run, work);
}

/** What one process of the cluster does for the account, and so tells its state; undefined for a door that only waits. */
function workOf(run: CaptureRun, instance: ChannelInstance): ((lease: Lease) => Promise<void>) | undefined {
  const { capture, reconcile, connection } = instance;
  if (capture.shape === 'poll') return (lease) => runPoll(run, capture, lease);
  if (capture.shape === 'stream') return (lease) => runStream(run, capture, lease);
  if (reconcile !== undefined) return (lease) => runPoll(run, reconcile, lease);
  if (connection !== undefined) return (lease) => runChecks(run, connection, lease);
  return undefined;
}

/** Takes the lease again and again; while another process has it, that one tells the state. */
async function underLease(run: CaptureRun, work: (lease: Lease) => Promise<void>): Promise<void> {
  const { account, parts, states, signal, holder } = run;
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
    // What we wrote last may have been overwritten by the holder before us.
    states.forget(account.id);
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
