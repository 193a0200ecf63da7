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

/** A reply that this process has taken to send. */
export interface TakenReply {
  readonly message: OutboundMessageV1;
  /** The attempt that is made now, from 1. */
  readonly attempt: number;
}

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

/** The oldest open reply of each conversation only: later ones wait behind it, other conversations do not. */
const TAKE = `
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
  SET state = 'sending', attempts = attempts + 1, held_until = clock_timestamp() + make_interval(secs => $3), updated_at = now()
  FROM next WHERE o.outbound_id = next.outbound_id
  RETURNING o.message, o.attempts AS attempt, o.position`;

/** Replies whose sender died between taking and telling. */
const ABANDONED = `
  SELECT message, attempts AS attempt FROM channels.outbound
  WHERE channel_slug = ANY($1) AND state = 'sending' AND held_until <= clock_timestamp()
  ORDER BY position LIMIT 100 FOR UPDATE SKIP LOCKED`;

const POSTPONE = `
  UPDATE channels.outbound
  SET state = 'waiting', held_until = NULL, next_attempt_at = clock_timestamp() + make_interval(secs => $2), updated_at = now()
  WHERE outbound_id = $1 AND state = 'sending'`;

const FINISH = `
  UPDATE channels.outbound
  SET state = 'done', held_until = NULL, outcome = $2, message = NULL, updated_at = now()
  WHERE outbound_id = $1 AND state <> 'done'`;

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
    await this.parts.database.transaction('*', (client) => client.query(ADD, [JSON.stringify(messages)]));
  }

  /** Committed before it returns: from here on the first call may have gone out. */
  async take(slugs: readonly string[], limit: number): Promise<readonly TakenReply[]> {
    const heldSeconds = (2 * this.parts.timings.sendTimeoutMs) / 1000;
    const found = await this.parts.database.transaction('*', (client) =>
      client.query<TakenReply & { position: string }>(TAKE, [slugs, limit, heldSeconds]),
    );
    return found.rows.sort((a, b) => Number(BigInt(a.position) - BigInt(b.position)));
  }

  async postpone(message: OutboundMessageV1, waitMs: number): Promise<void> {
    await this.parts.database.transaction(message.tenant, (client) =>
      client.query(POSTPONE, [message.outbound_id, waitMs / 1000]),
    );
  }

  /** The end of a reply and its receipt are one transaction. */
  async finish(message: OutboundMessageV1, end: ReplyEnd): Promise<void> {
    await this.parts.database.transaction(message.tenant, (client) => this.finishIn(client, message, end));
  }

  /** Hands each abandoned reply to `decide`: an end, or undefined to send it again. */
  async recover(slugs: readonly string[], decide: (reply: TakenReply) => ReplyEnd | undefined): Promise<number> {
    return this.parts.database.transaction('*', async (client) => {
      const found = await client.query<TakenReply>(ABANDONED, [slugs]);
      for (const reply of found.rows) {
        const end = decide(reply);
        if (end === undefined) await client.query(POSTPONE, [reply.message.outbound_id, 0]);
        else await this.finishIn(client, reply.message, end);
      }
      return found.rows.length;
    });
  }

  private async finishIn(client: PoolClient, message: OutboundMessageV1, end: ReplyEnd): Promise<void> {
    const done = await client.query(FINISH, [message.outbound_id, end.status]);
    if (done.rowCount === 0) return;
    const receipt: OutboundReceiptV1 = {
      outbound_id: message.outbound_id,
      tenant: message.tenant,
      account_id: message.account_id,
      status: end.status,
      provider_message_id: end.providerMessageId,
      code: end.code?.slice(0, 32) ?? null,
      reason: end.reason?.slice(0, 500) ?? null,
      at: isoTime(this.parts.clock.now()),
    };
    const record = this.receipts.encode(receipt, { key: message.outbound_id, source: `/fanin/${this.parts.service}` });
    await this.parts.outbox.add(client, this.topic, [record]);
  }
}
