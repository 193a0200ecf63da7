import type { InboundMessageV1, Recipient, Visibility } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import type { SentMessage } from '../receipts/sent-messages.js';
import { customerParty } from '../threading/participants.js';

/** A reply of ours whose id at the provider is not known yet: its echo may come before the provider's answer does. */
export interface UnconfirmedReply extends SentMessage {
  readonly text: string;
  readonly conversationKey: string;
  readonly to: readonly Recipient[];
  readonly visibility: Visibility | null;
}

/** How far back a reply may lie whose echo comes. A provider that cannot tell ids leaves replies unconfirmed for good. */
const REACH = '24 hours';
/** Between the provider's clock and ours. */
const SKEW_MS = 5 * 60_000;

const FIND = `
SELECT m.id, m.ticket_id AS "ticketId" FROM unnest($1::text[], $2::text[]) AS k(tenant, account)
JOIN tickets.messages m ON m.tenant = k.tenant AND m.account_id = k.account AND m.direction = 'outbound'
WHERE m.received_at > $3::timestamptz - interval '${REACH}' AND m.kind = 'public'
  AND m.delivery ->> 'status' <> 'failed' AND m.delivery ->> 'provider_message_id' IS NULL`;

/** Ids and tickets of the unconfirmed replies of these accounts; read them again under the tickets' locks. */
export async function findUnconfirmed(
  client: PoolClient,
  echoes: readonly InboundMessageV1[],
): Promise<readonly { readonly id: string; readonly ticketId: string }[]> {
  const accounts = new Map(echoes.map((echo) => [`${echo.tenant}\n${echo.account_id}`, echo]));
  const [first = ''] = echoes.map((echo) => echo.received_at).sort((a, b) => Date.parse(a) - Date.parse(b));
  const { rows } = await client.query<{ id: string; ticketId: string }>(FIND, [
    [...accounts.values()].map(({ tenant }) => tenant),
    [...accounts.values()].map(({ account_id }) => account_id),
    first,
  ]);
  return rows;
}

const LOAD = `
SELECT id, tenant, ticket_id AS "ticketId", account_id AS "accountId", channel, kind, received_at AS "receivedAt", delivery, text,
  conversation_key AS "conversationKey", details -> 'to' AS "to", details ->> 'visibility' AS visibility
FROM tickets.messages WHERE id = ANY ($1::text[]) AND delivery ->> 'provider_message_id' IS NULL ORDER BY received_at, id`;

/** Oldest first. */
export async function loadUnconfirmed(client: PoolClient, ids: readonly string[]): Promise<UnconfirmedReply[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<Omit<UnconfirmedReply, 'receivedAt'> & { receivedAt: Date }>(LOAD, [ids]);
  return rows.map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() }));
}

/** The reply that this echo is most likely the echo of: same words, to the same side of the same conversation. */
export function replyEchoedBy(
  echo: InboundMessageV1,
  replies: readonly UnconfirmedReply[],
): UnconfirmedReply | undefined {
  const latest = Date.parse(echo.provider_time ?? echo.received_at) + SKEW_MS;
  return replies.find(
    (reply) =>
      reply.tenant === echo.tenant &&
      reply.accountId === echo.account_id &&
      Date.parse(reply.receivedAt) <= latest &&
      wordsOf(reply.text) === wordsOf(echo.text) &&
      isSamePlace(echo, reply),
  );
}

/** A private answer to a comment opens a conversation under another key, with another id of the same person. */
function isSamePlace(echo: InboundMessageV1, reply: UnconfirmedReply): boolean {
  if (reply.conversationKey === echo.conversation_key) return true;
  if (reply.visibility === 'private' && echo.visibility !== 'public') return true;
  const customer = customerParty(echo);
  return reply.to.some(({ kind, id }) => kind === customer.kind && id === customer.id);
}

/** Providers fold white space, and public answers begin with the name of whom they answer. */
function wordsOf(text: string): string {
  return text
    .normalize('NFC')
    .replace(/^(\s*@[\w.]+)+/u, '')
    .replace(/\s+/gu, ' ')
    .trim();
}
