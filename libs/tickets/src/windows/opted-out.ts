import type { PoolClient } from 'pg';

/** As channels flag the messages by which a customer forbids and allows to be written to (`Normalised.consents`). */
const FORBIDS = 'opt_out';
const ALLOWS = 'opt_in';

const MAX_WORDS = 100;

/** Words, and when they were said, ISO 8601. */
export interface OptOut {
  readonly words: string;
  readonly at: string;
}

/**
 * The customer's word against being written to in this conversation, as far as the ticket shows it; undefined when there is
 * none or it was taken back. Ordered as the connectors do, which have the last word: by the provider's time, and at the
 * same time the word that forbids holds.
 */
export async function optOutOf(
  client: PoolClient,
  conversation: { readonly ticketId: string; readonly accountId: string; readonly conversationKey: string },
): Promise<OptOut | undefined> {
  const { rows } = await client.query<{ text: string; at: Date; forbids: boolean }>(
    `SELECT text, at, forbids FROM (
       SELECT text, coalesce(provider_time, received_at) AS at, details::jsonb -> 'flags' ? $4 AS forbids
       FROM tickets.messages
       WHERE ticket_id = $1 AND account_id = $2 AND conversation_key = $3 AND direction = 'inbound'
         AND details::jsonb -> 'flags' ?| ARRAY[$4, $5]) AS words
     ORDER BY at DESC, forbids DESC LIMIT 1`,
    [conversation.ticketId, conversation.accountId, conversation.conversationKey, FORBIDS, ALLOWS],
  );
  const [last] = rows;
  if (last?.forbids !== true) return undefined;
  return { words: last.text.trim().slice(0, MAX_WORDS), at: last.at.toISOString() };
}
