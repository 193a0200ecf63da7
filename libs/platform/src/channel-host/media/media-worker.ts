import type { Emit } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, FaninError, messageOf } from '@fanin/kernel';
import { createEmit } from '../capture/emit.js';
import { createPause } from '../capture/failure.js';
import { backOffMs, type HostParts } from '../host-settings.js';
import type { HostedAccount } from '../hosted-account.js';
import { cutAfter } from '../within.js';
import { lateDelivery, missingOf, type MediaEnd } from './late-attachment.js';
import { MediaBlobs } from './media-blobs.js';
import { finalReason } from './media-intake.js';
import { MediaQueue, type TakenMedia } from './media-queue.js';

/** Attachments that one process fetches at a time, and of one account: a provider that hangs must leave room for others. */
const SIDE_BY_SIDE = 8;
const PER_ACCOUNT = 3;

/** Fetches in the background, and publishes each end as a delivery of the account. */
export class MediaWorker {
  private readonly queue: MediaQueue;
  private readonly blobs: MediaBlobs;
  private readonly working = new Map<Promise<void>, string>();
  private readonly pause;

  constructor(
    private readonly parts: HostParts,
    private readonly accounts: () => readonly HostedAccount[],
  ) {
    this.queue = new MediaQueue(parts);
    this.blobs = new MediaBlobs(parts.blobs);
    this.pause = createPause(parts.clock);
  }

  /** Works until the signal aborts and what was begun has ended. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, timings } = this.parts;
    while (!signal.aborted) {
      try {
        const open = this.accounts().filter(({ instance }) => instance?.media !== undefined);
        const free = open.filter(({ id }) => this.busyWith(id) < PER_ACCOUNT);
        const job =
          free.length > 0 && this.working.size < SIDE_BY_SIDE
            ? await this.queue.take(free.map(({ id }) => id))
            : undefined;
        const account = job === undefined ? undefined : open.find(({ id }) => id === job.accountId);
        if (job !== undefined && account !== undefined) {
          this.start(job, account, signal);
          continue;
        }
        if (open.length === 0) {
          await clock.sleep(timings.upkeepMs, signal);
          continue;
        }
      } catch (error) {
        logger[ERROR_TRAITS[codeOf(error)].level]('attachments could not be looked for', { reason: messageOf(error) });
      }
      await this.pause.wait(timings.sweepMs, signal);
    }
    await Promise.all(this.working.keys());
  }

  private busyWith(accountId: string): number {
    return [...this.working.values()].filter((id) => id === accountId).length;
  }

  private start(job: TakenMedia, account: HostedAccount, signal: AbortSignal): void {
    const work = this.attempt(job, account, signal)
      .catch((error: unknown) => {
        // It stays 'fetching' and is taken again when its time is up.
        this.parts.logger.warn('what became of an attachment could not be stored', { reason: messageOf(error) });
      })
      .finally(() => {
        this.working.delete(work);
        this.pause.cut();
      });
    this.working.set(work, account.id);
  }

  private async attempt(job: TakenMedia, account: HostedAccount, signal: AbortSignal): Promise<void> {
    const { timings, metrics } = this.parts;
    let end: MediaEnd;
    try {
      end = await this.fetch(job, account, signal);
    } catch (error) {
      if (signal.aborted) return this.queue.postpone(job, 0, null, false);
      const reason = finalReason(error) ?? givenUp(job, error, timings.mediaAttempts);
      if (reason === null) return this.queue.postpone(job, this.waitMs(job, error), null, true);
      end = missingOf(job.remote, reason);
    }
    const outcome = 'missing' in end ? 'missing' : 'late';
    try {
      await this.emitFor(account)([lateDelivery(job.target, end)]);
    } catch (error) {
      this.parts.logger.warn('a late attachment could not be written to the log', { reason: messageOf(error) });
      const failure = 'missing' in end ? end.missing.reason : null;
      return this.queue.postpone(job, this.waitMs(job, undefined), failure, false);
    }
    this.parts.crashPoints.at('capture.media.appended');
    await this.queue.done(job);
    metrics.count('fanin_channel_media_total', { channel_slug: account.manifest.slug, outcome });
  }

  private async fetch(job: TakenMedia, account: HostedAccount, signal: AbortSignal): Promise<MediaEnd> {
    const { timings } = this.parts;
    if (job.failure !== null) return missingOf(job.remote, job.failure);
    const kept = await this.blobs.find(account, job.remote);
    if (kept !== undefined) return { attachment: kept };
    const source = account.instance?.media;
    if (source === undefined) throw new FaninError('TRANSIENT', 'the account is not open');
    const why = `the provider did not hand it over within ${timings.mediaTimeoutMs} ms`;
    const fetching = (cut: AbortSignal): ReturnType<typeof source.fetch> => source.fetch(job.remote, { signal: cut });
    const media = await cutAfter(fetching, timings.mediaTimeoutMs, why, signal, 'leave');
    return { attachment: await this.blobs.keep(account, job.remote, media) };
  }

  private waitMs({ attempt }: TakenMedia, error: unknown): number {
    const { mediaBackOffBaseMs, mediaBackOffMaxMs } = this.parts.timings;
    const told = error instanceof FaninError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(told, backOffMs(attempt, mediaBackOffBaseMs, mediaBackOffMaxMs));
  }

  private emitFor(account: HostedAccount): Emit {
    return createEmit(account, this.parts, { byHost: true });
  }
}

function givenUp({ attempt }: TakenMedia, error: unknown, most: number): string | null {
  return attempt >= most ? `given up after ${attempt} attempts: ${messageOf(error)}` : null;
}
