import type { PoolClient } from 'pg';
import { amendedMessageId } from '../amendments/amended-message-id.js';
import { applyAmendments, moveAmendments } from '../amendments/apply-amendments.js';
import type { ReferenceOrigin } from '../schema/entities/message-reference.entity.js';
import { referenceHash } from '../threading/keys.js';
import type { SentMessage } from './sent-messages.js';

interface Sent {
  readonly message: SentMessage;
  readonly providerMessageId: string;
  readonly hash: string;
}

/**
 * Answers will name the ids that went out. What an answer or an amendment named before we knew becomes ours, and so does an
 * echo that came before us under other words and was taken for a message of another tool.
 */
export async function rememberSent(client: PoolClient, messages: readonly SentMessage[]): Promise<void> {
  const rows = sentOf(messages);
  if (rows.length === 0) return;
  const known = await knownOf(client, rows);
  const folded = await foldEchoes(
    client,
    known.flatMap(({ origin, message_id }) => (origin === 'seen' ? [message_id] : [])),
  );
  await client.query(
    `INSERT INTO tickets.message_references AS r (tenant, ref_hash, ticket_id, message_id, origin)
     SELECT n.tenant, n.hash, n.ticket_id, n.message_id, 'sent' FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) AS n(tenant, hash, ticket_id, message_id)
     ON CONFLICT (tenant, ref_hash) DO UPDATE SET ticket_id = EXCLUDED.ticket_id, message_id = EXCLUDED.message_id, origin = 'sent'
     WHERE r.origin IN ('referenced', 'awaited') OR r.message_id = ANY ($5::text[])`,
    [
      rows.map(({ message }) => message.tenant),
      rows.map(({ hash }) => hash),
      rows.map(({ message }) => message.ticketId),
      rows.map(({ message }) => message.id),
      folded,
    ],
  );
  const awaited = new Set(known.flatMap(({ origin, key }) => (origin === 'awaited' ? [key] : [])));
  const moves = new Map(
    rows
      .filter((row) => awaited.has(keyOf(row)))
      .map(({ message, providerMessageId }) => [
        amendedMessageId(message.tenant, message.accountId, providerMessageId),
        message.id,
      ]),
  );
  await moveAmendments(client, moves);
  await applyAmendments(client, [...moves.values()]);
}

function keyOf({ message, hash }: Sent): string {
  return `${message.tenant}\n${hash}`;
}

/** One row an id, in the order of the keys. */
function sentOf(messages: readonly SentMessage[]): readonly Sent[] {
  const byKey = new Map<string, Sent>();
  for (const message of messages) {
    const { provider_message_id: providerMessageId } = message.delivery;
    if (providerMessageId === null) continue;
    const row = {
      message,
      providerMessageId,
      hash: referenceHash(message.channel, message.accountId, providerMessageId),
    };
    if (!byKey.has(keyOf(row))) byKey.set(keyOf(row), row);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

async function knownOf(
  client: PoolClient,
  rows: readonly Sent[],
): Promise<readonly { readonly key: string; readonly origin: ReferenceOrigin; readonly message_id: string }[]> {
  const found = await client.query<{ tenant: string; hash: string; origin: ReferenceOrigin; message_id: string }>(
    `SELECT r.tenant, replace(r.ref_hash::text, '-', '') AS hash, r.origin, r.message_id
     FROM unnest($1::text[], $2::uuid[]) AS n(tenant, hash) JOIN tickets.message_references r ON r.tenant = n.tenant AND r.ref_hash = n.hash
     WHERE r.origin IN ('seen', 'awaited') ORDER BY r.tenant, r.ref_hash FOR UPDATE OF r`,
    [rows.map(({ message }) => message.tenant), rows.map(({ hash }) => hash)],
  );
  return found.rows.map(({ tenant, hash, ...rest }) => ({ ...rest, key: `${tenant}\n${hash}` }));
}

/** The echo steps back behind the reply: one reply, one message. Resolves to those of the messages that were echoes. */
async function foldEchoes(client: PoolClient, messageIds: readonly string[]): Promise<readonly string[]> {
  if (messageIds.length === 0) return [];
  const { rows } = await client.query<{ id: string }>(
    `UPDATE tickets.messages SET kind = 'event', delivery = NULL,
       details = ((details::jsonb - 'sent_elsewhere') || jsonb_build_object('flags', (details::jsonb -> 'flags') || '["own_echo"]'))::json
     WHERE id = ANY ($1::text[]) AND details ->> 'sent_elsewhere' = 'true' RETURNING id`,
    [messageIds],
  );
  return rows.map(({ id }) => id);
}
