import type { OutboundReceiptV1 } from '@fanin/contracts';
import { opaqueKey } from '@fanin/kernel';
import type { PoolClient } from 'pg';
import { storableJson } from '../../database/storable-json.js';

/** An account in whose name something is stored. */
export interface Owner {
  readonly id: string;
  readonly tenant: string;
}

/** What news say, whomever they are about. */
export type News = Pick<OutboundReceiptV1, 'status' | 'code' | 'reason' | 'at'>;

export interface SentReply {
  readonly outbound_id: string;
  readonly provider_message_id: string | null;
}

/** Subjects are hashes: provider ids may be longer than an index row, conversation keys hold phone numbers. */
export const providerIdSubject = (id: string): string => opaqueKey('provider_id', id);
export const watermarkSubject = (conversation: string): string => opaqueKey('watermark', conversation);

/** Whoever keeps news excludes whoever ends a reply of the account, and the other way round: neither looks past the other. */
export async function lockNews(client: PoolClient, accountId: string, mode: 'exclusive' | 'shared'): Promise<void> {
  const lock = mode === 'exclusive' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await client.query(`SELECT ${lock}(hashtextextended('channels.receipt_news ' || $1, 0))`, [accountId]);
}

/** Outbound ids by the place of the provider id in `ids`. */
export async function repliesByProviderId(
  client: PoolClient,
  account: Owner,
  ids: readonly string[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = await client.query<{ place: string; outbound_id: string }>(
    `SELECT n.place, o.outbound_id FROM unnest($2::text[]) WITH ORDINALITY AS n (id, place)
     JOIN channels.outbound o ON o.account_id = $1 AND md5(o.provider_message_id) = md5(n.id) AND o.provider_message_id = n.id
     ORDER BY n.place, o.position`,
    [account.id, ids],
  );
  const places = new Map<number, string[]>();
  for (const { place, outbound_id: id } of found.rows)
    places.set(Number(place) - 1, [...(places.get(Number(place) - 1) ?? []), id]);
  return places;
}

/** Replies of a conversation whose sending began after `after` (or ever) and not after `upTo`, oldest first. */
export async function repliesUpTo(
  client: PoolClient,
  account: Owner,
  conversation: string,
  range: { readonly after: Date | null; readonly upTo: string },
): Promise<readonly SentReply[]> {
  const found = await client.query<SentReply>(
    `SELECT outbound_id, provider_message_id FROM channels.outbound
     WHERE account_id = $1 AND md5(conversation) = md5($2) AND conversation = $2
       AND sent_at <= $3 AND ($4::timestamptz IS NULL OR sent_at > $4) ORDER BY sent_at`,
    [account.id, conversation, range.upTo, range.after],
  );
  return found.rows;
}

/** Keeps news about ids that no reply has yet; of two about one id and status the later stays. */
export async function keepProviderNews(
  client: PoolClient,
  account: Owner,
  news: readonly (News & { readonly subject: string })[],
): Promise<void> {
  // One statement may touch a row once only.
  const rows = [...new Map(news.map((each) => [`${each.subject} ${each.status}`, each])).values()];
  await client.query(
    `INSERT INTO channels.receipt_news AS n (tenant, account_id, kind, subject, status, code, reason, at)
     SELECT $1, $2, 'provider_id', r.subject, r.status, r.code, r.reason, r.at
     FROM jsonb_to_recordset($3) AS r (subject text, status text, code text, reason text, at timestamptz)
     ON CONFLICT (account_id, kind, subject, status) DO UPDATE
       SET code = excluded.code, reason = excluded.reason, at = excluded.at WHERE excluded.at >= n.at`,
    [account.tenant, account.id, storableJson(rows)],
  );
}

/** Moves a watermark forward; answers where it was before, null for the first. */
export async function moveWatermark(
  client: PoolClient,
  account: Owner,
  mark: News & { readonly subject: string; readonly upTo: string },
): Promise<Date | null> {
  const before = await client.query<{ up_to: Date }>(
    `SELECT up_to FROM channels.receipt_news WHERE account_id = $1 AND kind = 'watermark' AND subject = $2 AND status = $3`,
    [account.id, mark.subject, mark.status],
  );
  await client.query(
    `INSERT INTO channels.receipt_news AS n (tenant, account_id, kind, subject, status, up_to, code, reason, at)
     VALUES ($1, $2, 'watermark', $3, $4, $5, $6, $7, $8)
     ON CONFLICT (account_id, kind, subject, status) DO UPDATE
       SET up_to = excluded.up_to, code = excluded.code, reason = excluded.reason, at = excluded.at, created_at = now()
       WHERE excluded.up_to > n.up_to`,
    [account.tenant, account.id, mark.subject, mark.status, mark.upTo, mark.code, mark.reason, mark.at],
  );
  return before.rows[0]?.up_to ?? null;
}

interface KeptRow extends Omit<News, 'at'> {
  readonly at: Date;
}

/** News that came before a reply ended and are about it. Those by its id are used up; a watermark stays for the next. */
export async function newsAbout(
  client: PoolClient,
  account: Owner,
  reply: { readonly providerMessageId: string | null; readonly conversation: string; readonly sentAt: Date },
): Promise<readonly News[]> {
  const byId =
    reply.providerMessageId === null
      ? []
      : (
          await client.query<KeptRow>(
            `DELETE FROM channels.receipt_news WHERE account_id = $1 AND kind = 'provider_id' AND subject = $2
             RETURNING status, code, reason, at`,
            [account.id, providerIdSubject(reply.providerMessageId)],
          )
        ).rows;
  const byMark = await client.query<KeptRow>(
    `SELECT status, code, reason, at FROM channels.receipt_news
     WHERE account_id = $1 AND kind = 'watermark' AND subject = $2 AND up_to >= $3`,
    [account.id, watermarkSubject(reply.conversation), reply.sentAt],
  );
  return [...byId, ...byMark.rows]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map((row) => ({ ...row, at: row.at.toISOString() }));
}
