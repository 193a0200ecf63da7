import type { MediaSource, MessageDraft, RemoteAttachment } from '@fanin/connector-kit';
import type { Attachment } from '@fanin/contracts';
import { codeOf, ERROR_TRAITS, FaninError, messageOf, type Clock } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { within } from '../within.js';
import { targetOf } from './late-attachment.js';
import { MediaBlobs } from './media-blobs.js';
import { mediaIdOf, MediaQueue, type MediaJob } from './media-queue.js';

/** Attachments of one delivery fetched at a time. */
const SIDE_BY_SIDE = 3;

/** Time that all attachments of a batch share: what is read beside them waits no longer than that. */
export class MediaBudget {
  private readonly until: number;

  constructor(
    private readonly clock: Clock,
    private readonly fullMs: number,
  ) {
    this.until = clock.monotonicMs() + fullMs;
  }

  get leftMs(): number {
    return Math.max(0, this.until - this.clock.monotonicMs());
  }

  /** Whether a fetch that was given this long was given a fair chance. */
  isFair(ms: number): boolean {
    return ms >= this.fullMs / 2;
  }
}

interface Wanted {
  readonly n: number;
  readonly mediaId: string;
  readonly remote: RemoteAttachment;
}

type Fetched = { readonly attachment: Attachment } | { readonly later: string | null };

/** Gets what the provider keeps, between normalising and publishing; what is not there in time goes to the queue. */
export class MediaIntake {
  private readonly queue: MediaQueue;
  private readonly blobs: MediaBlobs;
  /** Accounts whose provider did not answer in time, and until when they are not waited for. */
  private readonly shutUntil = new Map<string, number>();

  constructor(private readonly parts: HostParts) {
    this.queue = new MediaQueue(parts);
    this.blobs = new MediaBlobs(parts.blobs);
  }

  /** By the place of the attachment in the draft. Those that are missing are in the queue when it resolves. */
  async collect(
    account: HostedAccount,
    draft: MessageDraft,
    messageId: string,
    budget: MediaBudget,
  ): Promise<ReadonlyMap<number, Attachment>> {
    const wanted = draft.attachments.flatMap((remote, n): Wanted[] =>
      'ref' in remote ? [{ n, mediaId: mediaIdOf(messageId, n), remote }] : [],
    );
    const there = new Map<number, Attachment>();
    if (wanted.length === 0) return there;
    const source = account.instance?.media;
    if (source === undefined)
      throw new FaninError('BUG', `the channel ${account.manifest.slug} names remote attachments and has no media`);
    const ids = wanted.map(({ mediaId }) => mediaId);
    const known = await this.queue.known(account, ids);
    const jobs: MediaJob[] = [];
    const open = wanted.filter(({ mediaId }) => !known.has(mediaId));
    const worker = async (): Promise<void> => {
      for (let next = open.shift(); next !== undefined; next = open.shift()) {
        const { n, mediaId, remote } = next;
        const fetched = await this.get(account, source, remote, budget);
        if ('attachment' in fetched) there.set(n, fetched.attachment);
        else {
          const target = targetOf(draft, messageId, n);
          jobs.push({ mediaId, accountId: account.id, remote, target, failure: fetched.later });
        }
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    await this.queue.add({ ...account, slug: account.manifest.slug }, jobs);
    return there;
  }

  private async get(
    account: HostedAccount,
    source: MediaSource,
    remote: RemoteAttachment,
    budget: MediaBudget,
  ): Promise<Fetched> {
    const { clock, metrics, logger } = this.parts;
    const kept = await this.blobs.find(account, remote);
    if (kept !== undefined) return { attachment: kept };
    const givenMs = budget.leftMs;
    if (givenMs <= 0 || (this.shutUntil.get(account.id) ?? 0) > clock.monotonicMs()) return { later: null };
    const stop = new AbortController();
    let isLate = false;
    const late = (): Error => {
      isLate = true;
      stop.abort();
      return new FaninError('TRANSIENT', 'the provider did not hand it over in time');
    };
    try {
      const fetching = Promise.resolve().then(() => source.fetch(remote, { signal: stop.signal }));
      const media = await within(fetching, givenMs, late);
      metrics.count('fanin_channel_media_total', { channel_slug: account.manifest.slug, outcome: 'in_time' });
      return { attachment: await this.blobs.keep(account, remote, media) };
    } catch (error) {
      if (isLate && budget.isFair(givenMs))
        this.shutUntil.set(account.id, clock.monotonicMs() + this.parts.timings.mediaBreakerMs);
      logger.debug('an attachment is fetched later', { account: account.id, reason: messageOf(error) });
      return { later: finalReason(error) };
    }
  }
}

/** Why it will never be there; null when it may come later. An unexpected throw may be a passing one. */
export function finalReason(error: unknown): string | null {
  const code = codeOf(error);
  return code === 'BUG' || ERROR_TRAITS[code].retriable ? null : messageOf(error);
}
