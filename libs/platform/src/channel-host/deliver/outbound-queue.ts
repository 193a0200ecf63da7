import {
  CONTRACTS,
  createCodec,
  topicName,
  TOPICS,
  type OutboundMessageV1,
  type OutboundReceiptV1,
} from '@fanin/contracts';
import { isoTime } from '@fanin/kernel';
import type { PoolClient } from 'pg';
import type { HostParts } from '../host-settings.js';
import { lockNews, newsAbout, type News } from '../receipts/receipt-rows.js';
import { storableJson } from '../../database/storable-json.js';

/** A reply that this process has taken to send. */
export interface TakenReply {
  readonly message: OutboundMessageV1;
  /** The attempt that is made now, from 1. */
  readonly attempt: number;
  /** An earlier attempt may have gone out: the provider is asked before anything is sent. */
  readonly uncertain: boolean;
  /** When the first attempt began. */
  readonly since: Date;
  /** The customer wants no messages: the word that said so, and when. */
  readonly refused: { readonly evidence: string; readonly at: string } | null;
}

/** What is to be done with a reply whose sender died. */
export type Recovery = { readonly end: ReplyEnd } | { readonly again: { readonly uncertain: boolean } };

/** How an attempt ended for good. */
export interface ReplyEnd {
  readonly status: OutboundReceiptV1['status'];
  readonly providerMessageId: string | null;
  readonly code: string | null;
  readonly reason: string | null;
}

const ADD = `
  INSERT INTO channels.outbound (outbound_id, tenant, account_id, channel_slug, conversation, message, state)
  SELECT m->>'outbound_id', m->>'tenant', m->>'account_id', m->>'channel_slug', m->>'conversation_key', m, 'waiting'
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS t (m, i) ORDER BY i
  ON CONFLICT (outbound_id) DO NOTHING`;

/**
 * The oldest open reply of each conversation only: later ones wait behind it, other conversations do not. Consent is looked
 * up with it (the hash is `opaqueKey`), so that a database that goes away leaves no reply taken and unchecked.
 */
const TAKE = {
  name: 'fanin-outbound-take',
  text: `
  WITH next AS (
    SELECT o.outbound_id FROM channels.outbound o
    WHERE o.channel_slug = ANY($1) AND o.state = 'waiting' AND o.next_attempt_at <= clock_timestamp()
      AND NOT EXISTS (
        SELECT 1 FROM channels.outbound earlier
        WHERE earlier.conversation = o.conversation AND earlier.account_id = o.account_id AND earlier.tenant = o.tenant
          AND earlier.position < o.position AND earlier.state <> 'done')
    ORDER BY o.position LIMIT $2 FOR UPDATE SKIP LOCKED
  )
  UPDATE channels.outbound o
  SET state = 'sending', attempts = attempts + 1, held_until = clock_timestamp() + make_interval(secs => $3), updated_at = now(),
      first_attempt_at = coalesce(first_attempt_at, clock_timestamp()),
      attempt_at = CASE WHEN uncertain THEN attempt_at ELSE clock_timestamp() END
  FROM next WHERE o.outbound_id = next.outbound_id
  RETURNING o.message, o.attempts AS attempt, o.position, o.uncertain, o.first_attempt_at AS since, (
    SELECT jsonb_build_object('evidence', c.evidence, 'at', to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
    FROM channels.consents c
    WHERE c.account_id = o.account_id AND c.tenant = o.tenant AND c.state = 'opted_out' AND c.conversation_hash =
      left(encode(sha256(convert_to(octet_length(o.conversation) || ':' || o.conversation, 'UTF8')), 'hex'), 32)) AS refused`,
};

/** Replies whose sender died between taking and telling. */
const ABANDONED = `
  SELECT message FROM channels.outbound
  WHERE channel_slug = ANY($1) AND state = 'sending' AND held_until <= clock_timestamp()
  ORDER BY position LIMIT 100 FOR UPDATE SKIP LOCKED`;

const POSTPONE = `
  UPDATE channels.outbound
  SET state = 'waiting', held_until = NULL, next_attempt_at = clock_timestamp() + make_interval(secs => $2), uncertain = $3,
      updated_at = now()
  WHERE outbound_id = $1 AND state = 'sending'`;

const FINISH = `
  UPDATE channels.outbound
  SET state = 'done', held_until = NULL, outcome = $2, message = NULL, updated_at = now(), provider_message_id = $3,
      sent_at = CASE WHEN $2 IN ('sent', 'delivered') THEN coalesce(attempt_at, updated_at) END
  WHERE outbound_id = $1 AND state <> 'done' RETURNING sent_at, conversation`;

/** The clocks of the provider and of the database may differ by this much. */
const KNOWN = `
  SELECT provider_message_id FROM channels.outbound
  WHERE account_id = $1 AND outbound_id <> $2 AND state = 'done' AND provider_message_id IS NOT NULL
    AND updated_at >= $3::timestamptz - interval '5 minutes'`;

/** Replies on their way out, in the database: what was taken and not told is known to have been taken. */
export class OutboundQueue {
  private readonly receipts = createCodec(CONTRACTS.outboundReceipt);
  private readonly topic: string;

  constructor(private readonly parts: HostParts) {
    this.topic = topicName(TOPICS.outboundReceipts, parts.topicPrefix);
  }

  /** Adds in order; what was added before is left as it is. */
  async add(messages: readonly OutboundMessageV1[]): Promise<void> {
    if (messages.length === 0) return;
    await this.parts.database.statement('*', ADD, [storableJson(messages)]);
  }

  /** Committed before it returns: from here on the first call may have gone out. */
  async take(slugs: readonly string[], limit: number): Promise<readonly TakenReply[]> {
    const heldSeconds = (2 * this.parts.timings.sendTimeoutMs) / 1000;
    // Not `statement`: what it takes must not be committed when the answer is lost, for then nobody sends it.
    const found = await this.parts.database.transaction('*', (client) =>
      client.query<TakenReply & { position: string }>({ ...TAKE, values: [slugs, limit, heldSeconds] }),
    );
    return found.rows.sort((a, b) => Number(BigInt(a.position) - BigInt(b.position)));
  }

  async postpone(message: OutboundMessageV1, waitMs: number, uncertain = false): Promise<void> {
    const { tenant, outbound_id: id } = message;
    await this.parts.database.statement(tenant, POSTPONE, [id, waitMs / 1000, uncertain]);
  }

  /** Provider ids of other replies of the account that ended since then. */
  async knownSince({ tenant, account_id: accountId, outbound_id: id }: OutboundMessageV1, since: Date) {
    const found = await this.parts.database.statement<{ provider_message_id: string }>(tenant, KNOWN, [
      accountId,
      id,
      since,
    ]);
    return new Set(found.rows.map((row) => row.provider_message_id));
  }

  /** The end of a reply, its receipt, and news about it that came earlier, are one transaction. */
  async finish(message: OutboundMessageV1, end: ReplyEnd): Promise<void> {
    await this.parts.database.transaction(message.tenant, (client) => this.finishIn(client, message, end));
  }

  /** Hands each abandoned reply to `decide`. */
  async recover(slugs: readonly string[], decide: (message: OutboundMessageV1) => Recovery): Promise<number> {
    return this.parts.database.transaction('*', async (client) => {
      const found = await client.query<{ message: OutboundMessageV1 }>(ABANDONED, [slugs]);
      for (const { message } of found.rows) {
        const decided = decide(message);
        if ('end' in decided) await this.finishIn(client, message, decided.end);
        else await client.query(POSTPONE, [message.outbound_id, 0, decided.again.uncertain]);
      }
      return found.rows.length;
    });
  }

  private async finishIn(client: PoolClient, message: OutboundMessageV1, end: ReplyEnd): Promise<void> {
    const account = { id: message.account_id, tenant: message.tenant };
    if (end.status === 'sent' || end.status === 'delivered') await lockNews(client, account.id, 'shared');
    const done = await client.query<{ sent_at: Date | null; conversation: string }>(FINISH, [
      message.outbound_id,
      end.status,
      end.providerMessageId,
    ]);
    const [row] = done.rows;
    if (row === undefined) return;
    const { providerMessageId } = end;
    const early =
      row.sent_at === null
        ? []
        : await newsAbout(client, account, { providerMessageId, conversation: row.conversation, sentAt: row.sent_at });
    const own: News = { status: end.status, code: end.code, reason: end.reason, at: isoTime(this.parts.clock.now()) };
    const source = `/fanin/${this.parts.service}`;
    const records = [own, ...early].map((news) =>
      this.receipts.encode(receiptOf(message, providerMessageId, news), { key: message.outbound_id, source }),
    );
    await this.parts.outbox.add(client, this.topic, records);
  }
}

function receiptOf(message: OutboundMessageV1, providerMessageId: string | null, news: News): OutboundReceiptV1 {
  return {
    outbound_id: message.outbound_id,
    tenant: message.tenant,
    account_id: message.account_id,
    status: news.status,
    provider_message_id: providerMessageId,
    code: news.code?.slice(0, 32) ?? null,
    reason: news.reason?.slice(0, 500) ?? null,
    at: news.at,
  };
}
