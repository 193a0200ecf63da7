import type { ChannelInstance, Emit } from '@fanin/connector-kit';
import { codeOf, cutByAny, ERROR_TRAITS, messageOf } from '@fanin/kernel';
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
  /** Aborts when the service stops and, for work under a lease, when that is lost. */
  readonly signal: AbortSignal;
}

type Work = (run: CaptureRun, lease: Lease) => Promise<void>;

/** Runs what is not driven by requests: polls, streams, second doors, checks. Resolves when the signal aborted or no attempt can help. */
export async function runAccount(run: CaptureRun): Promise<void> {
  const { instance } = run.account;
  if (instance === undefined) return;
  const { capture } = instance;
  if (capture.shape === 'stream' && !capture.exclusive) return runStream(run, capture, undefined);
  const work = workOf(instance);
  if (work === undefined) return run.states.set(run.account, { state: 'connected' });
  await underLease(run, work);
}

/** What one process of the cluster does for the account, and so tells its state; undefined for a door that only waits. */
function workOf(instance: ChannelInstance): Work | undefined {
  const { capture, reconcile, connection } = instance;
  if (capture.shape === 'poll') return (run, lease) => runPoll(run, capture, lease);
  if (capture.shape === 'stream') return (run, lease) => runStream(run, capture, lease);
  if (reconcile !== undefined) return (run, lease) => runPoll(run, reconcile, lease);
  if (connection !== undefined) return (run) => runChecks(run, connection);
  return undefined;
}

/** Takes the lease again and again; while another process has it, that one tells the state. */
async function underLease(run: CaptureRun, work: Work): Promise<void> {
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
    const held = lease;
    try {
      await cutByAny([signal, held.signal], (cut) => work({ ...run, signal: cut }, held));
      // Whoever stops for good while the lease stands has shown why; the others would only fail the same way.
      if (!held.signal.aborted && !signal.aborted) return;
    } catch (error) {
      await failed(run, error);
      return;
    } finally {
      await held.release();
    }
  }
}
