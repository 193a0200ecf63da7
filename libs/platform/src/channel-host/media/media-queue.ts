import type { RemoteAttachment } from '@fanin/connector-kit';
import { deterministicId } from '@fanin/kernel';
import type { HostParts } from '../host-settings.js';
import type { MediaTarget } from './late-attachment.js';
import { storableJson } from '../../database/storable-json.js';

interface Owner {
  readonly id: string;
  readonly tenant: string;
}

/** An attachment to be fetched in the background. */
export interface MediaJob {
  readonly mediaId: string;
  readonly accountId: string;
  readonly remote: RemoteAttachment;
  readonly target: MediaTarget;
  /** Set when it is known that it will never come; only that has still to be told. */
  readonly failure: string | null;
}

export interface TakenMedia extends MediaJob {
  /** The attempt that is made now, from 1. */
  readonly attempt: number;
}

const ADD = `
  INSERT INTO channels.media (media_id, tenant, account_id, channel_slug, remote, target, failure, next_attempt_at)
  SELECT j->>'media_id', $1, $2, $3, j->'remote', j->'target', j->>'failure',
         clock_timestamp() + CASE WHEN j->>'failure' IS NULL THEN make_interval(secs => $5) ELSE interval '0' END
  FROM jsonb_array_elements($4::jsonb) AS t (j)
  ON CONFLICT (media_id) DO NOTHING`;

/** One at a time, so that the accounts that keep us busy can be passed over. What a dead process had taken is free again. */
const TAKE = `
  WITH next AS (
    SELECT media_id FROM channels.media
    WHERE account_id = ANY($1) AND state <> 'done' AND (
      (state = 'waiting' AND next_attempt_at <= clock_timestamp()) OR (state = 'fetching' AND held_until <= clock_timestamp()))
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  UPDATE channels.media m
  SET state = 'fetching', attempts = attempts + 1, held_until = clock_timestamp() + make_interval(secs => $2), updated_at = now()
  FROM next WHERE m.media_id = next.media_id
  RETURNING m.media_id AS "mediaId", m.account_id AS "accountId", m.remote, m.target, m.failure, m.attempts AS attempt`;

const POSTPONE = `
  UPDATE channels.media
  SET state = 'waiting', held_until = NULL, next_attempt_at = clock_timestamp() + make_interval(secs => $2),
      failure = $3, attempts = attempts - $4, updated_at = now()
  WHERE media_id = $1 AND state = 'fetching'`;

/** The row stays, so that a message that comes again knows; whose it was goes. */
const DONE = `
  UPDATE channels.media SET state = 'done', held_until = NULL, remote = '{}', target = '{}', updated_at = now()
  WHERE media_id = $1`;

/** Attachments that were not there in time, in the database: worked off by whichever process of the cluster is free. */
export class MediaQueue {
  constructor(private readonly parts: HostParts) {}

  /** Which of these attachments come later, by amendment, whatever this run finds. */
  async known(account: Owner, mediaIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.parts.database.transaction(account.tenant, (client) =>
      client.query<{ media_id: string }>('SELECT media_id FROM channels.media WHERE media_id = ANY($1)', [mediaIds]),
    );
    return new Set(found.rows.map(({ media_id: id }) => id));
  }

  /** Durable when it resolves; what is there already stays as it is. */
  async add(account: Owner & { readonly slug: string }, jobs: readonly MediaJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const rows = jobs.map(({ mediaId, remote, target, failure }) => ({ media_id: mediaId, remote, target, failure }));
    const { database, timings } = this.parts;
    await database.transaction(account.tenant, (client) =>
      client.query(ADD, [
        account.tenant,
        account.id,
        account.slug,
        storableJson(rows),
        timings.mediaBackOffBaseMs / 1000,
      ]),
    );
  }

  async take(accountIds: readonly string[]): Promise<TakenMedia | undefined> {
    const heldSeconds = (2 * this.parts.timings.mediaTimeoutMs) / 1000;
    const found = await this.parts.database.transaction('*', (client) =>
      client.query<TakenMedia>(TAKE, [accountIds, heldSeconds]),
    );
    return found.rows[0];
  }

  /** `counts` false gives the attempt back: it was not the provider that failed. */
  async postpone(job: TakenMedia, waitMs: number, failure: string | null, counts: boolean): Promise<void> {
    await this.parts.database.transaction('*', (client) =>
      client.query(POSTPONE, [job.mediaId, waitMs / 1000, failure, counts ? 0 : 1]),
    );
  }

  async done(job: TakenMedia): Promise<void> {
    await this.parts.database.transaction('*', (client) => client.query(DONE, [job.mediaId]));
  }
}

/** The same attachment of the same message, whatever delivery brings it. */
export function mediaIdOf(messageId: string, n: number): string {
  return deterministicId('media', messageId, String(n));
}
