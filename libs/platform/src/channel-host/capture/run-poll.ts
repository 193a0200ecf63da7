import type { PollCapture, PollOutcome } from '@fanin/connector-kit';
import { codeOf, messageOf } from '@fanin/kernel';
import type { Lease } from '../state/leases.js';
import { loadCheckpoint, storeCheckpoint } from '../state/checkpoints.js';
import type { CaptureRun } from './run-account.js';
import { cutAfter } from '../within.js';
import { createPause, failed, isAboutCredentials, isFinal, type Pause } from './failure.js';

/**
 * Reads an account under its lease until the signal aborts: a poll capture, or the second door of a
 * webhook. The order of one turn is the promise that nothing is lost: poll, append, then the cursor, then whatever the
 * channel does at the provider.
 */
export async function runPoll(run: CaptureRun, capture: PollCapture, lease: Lease): Promise<void> {
  const pause = createPause(run.parts.clock);
  const turns = new PollTurns(run, capture, lease, pause);
  capture.onWake?.(() => pause.cut());
  const awake = run.wakes.add(run.account.id, () => {
    // While it fails, its back-off counts: whoever wakes it may do so as often as customers write.
    if (!turns.isFailing) pause.cut();
  });
  try {
    await turns.run();
  } finally {
    awake();
  }
}

class PollTurns {
  private cursor: string | null | undefined;
  private failures = 0;
  /** After a start and after a failure there may be much to fetch: shown until the provider has no more. */
  private catchingUp = true;
  /** Since a failure no turn has shown that the account works again: it counts on, and waits are the longer. */
  private unproven = false;
  /** Ends of rounds without anything found that are proof enough. */
  private endsToProve = 0;

  constructor(
    private readonly options: CaptureRun,
    private readonly capture: PollCapture,
    private readonly lease: Lease,
    private readonly pause: Pause,
  ) {}

  get isFailing(): boolean {
    return this.failures > 0;
  }

  async run(): Promise<void> {
    const { signal } = this.options;
    while (!signal.aborted) {
      try {
        await this.turn();
      } catch (error) {
        if (signal.aborted || (await this.afterFailure(error)) === 'final') return;
      }
    }
  }

  private async turn(): Promise<void> {
    const { capture, options } = this;
    const { account, parts, signal, states } = options;
    if (this.cursor === undefined) this.cursor = await loadCheckpoint(account, parts);
    const outcome = await this.read(this.cursor);
    if (signal.aborted) return;
    await this.keep(this.cursor, outcome).catch((error: unknown) => {
      // The round goes on with other jobs, which may find nothing: only the next one comes by what could not be kept.
      this.endsToProve = 2;
      throw error;
    });
    this.cursor = outcome.cursor;
    this.catchingUp &&= outcome.more;
    this.unproven &&= !this.isProof(outcome);
    if (!this.unproven) {
      this.failures = 0;
      await states.set(account, {
        state: outcome.backfilling === true || this.catchingUp ? 'backfilling' : 'connected',
      });
    }
    if (!outcome.more) await this.pause.wait(capture.intervalMs * (0.9 + Math.random() / 5), signal);
  }

  /** A channel with several jobs may have more to do because the one that failed is still to be tried: another's success is not its. */
  private isProof({ more, deliveries, backfilling }: PollOutcome): boolean {
    if (deliveries.length > 0 || backfilling === true) return true;
    if (more) return false;
    this.endsToProve -= 1;
    return this.endsToProve <= 0;
  }

  /** A provider, or a channel, that never comes back must not end the account for good. */
  private read(cursor: string | null): Promise<PollOutcome> {
    const { parts, signal } = this.options;
    const { pollTimeoutMs } = parts.timings;
    const why = `the provider was not read within ${pollTimeoutMs / 1000} s`;
    return cutAfter((cut) => this.capture.poll(cursor, cut), pollTimeoutMs, why, signal);
  }

  private async afterFailure(error: unknown): Promise<'final' | 'again'> {
    const { options } = this;
    const { account, signal, states, parts } = options;
    this.failures += 1;
    this.catchingUp = true;
    this.unproven = true;
    // The stored position may be ahead of ours when the answer to a write was lost, or be of no use any more.
    this.cursor = codeOf(error) === 'CURSOR_LOST' ? null : undefined;
    if (this.cursor === null) await states.note(account, [{ code: 'CURSOR_LOST', message: messageOf(error) }]);
    if (isFinal(error)) {
      await failed(options, error);
      return 'final';
    }
    const wait = isAboutCredentials(error)
      ? (ms: number): Promise<void> => parts.clock.sleep(ms, signal)
      : (ms: number): Promise<void> => this.pause.wait(ms, signal);
    await failed(options, error, this.failures, wait);
    return 'again';
  }

  private async keep(cursor: string | null, outcome: PollOutcome): Promise<void> {
    const { capture, options } = this;
    const { account, parts, states, emit } = options;
    await emit(outcome.deliveries);
    if (outcome.deliveries.length > 0) parts.crashPoints.at('capture.poll.appended');
    if (outcome.cursor !== cursor) await storeCheckpoint(account, outcome.cursor, this.lease, parts);
    await states.note(account, outcome.notices ?? []);
    if (outcome.deliveries.length === 0 || capture.afterStored === undefined) return;
    parts.crashPoints.at('capture.poll.moved');
    await capture.afterStored(outcome.cursor).catch((error: unknown) =>
      parts.logger.warn('the provider could not be told what is stored', {
        account: account.id,
        reason: messageOf(error),
      }),
    );
  }
}
