import type { ChannelFamily, Party, Visibility } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import type { MessageDetails } from '../schema/entities/message.entity.js';
import type { TicketState } from '../tickets/ticket-state.js';

/** Where a reply goes: the side of the conversation that wrote last. */
export interface ConversationEnd {
  readonly accountId: string;
  readonly channel: ChannelFamily;
  readonly channelSlug: string;
  readonly conversationKey: string;
  readonly to: readonly Party[];
  /** The message that is answered. */
  readonly messageId: string;
  readonly visibility: Visibility | null;
  readonly inReplyTo: string | null;
  /** Oldest first. */
  readonly references: readonly string[];
  readonly providerFields: Readonly<Record<string, string>>;
}

interface Row {
  id: string;
  direction: 'inbound' | 'outbound';
  account_id: string;
  channel: ChannelFamily;
  channel_slug: string;
  conversation_key: string;
  provider_message_id: string;
  details: MessageDetails;
}

const MAX_REFERENCES = 100;

const COLUMNS = 'id, direction, account_id, channel, channel_slug, conversation_key, provider_message_id, details';

/** Undefined when there is nobody to write to. A reply goes to whoever wrote last and, by e-mail, also to who opened the ticket. */
export async function conversationEnd(client: PoolClient, ticket: TicketState): Promise<ConversationEnd | undefined> {
  const inbound = (order: 'ASC' | 'DESC'): Promise<{ rows: Row[] }> =>
    client.query<Row>(
      `SELECT ${COLUMNS} FROM tickets.messages
       WHERE ticket_id = $1 AND direction = 'inbound' AND kind = 'public' ORDER BY seq ${order} LIMIT 1`,
      [ticket.id],
    );
  const [last] = (await inbound('DESC')).rows;
  const [first] = (await inbound('ASC')).rows;
  if (last === undefined || first === undefined) return endWithoutMessage(client, ticket);
  const people =
    last.channel === 'email' && first.channel === 'email'
      ? [last.details.from, first.details.from]
      : [last.details.from];
  const to = people.filter(
    (one, at) => people.findIndex((other) => other.kind === one.kind && other.id === one.id) === at,
  );
  return {
    ...placeOf(last),
    to: to as Party[],
    inReplyTo: last.provider_message_id,
    references: last.channel === 'email' ? await referencesOf(client, ticket.id) : [],
  };
}

function placeOf(row: Row): Omit<ConversationEnd, 'to' | 'inReplyTo' | 'references'> {
  return {
    accountId: row.account_id,
    channel: row.channel,
    channelSlug: row.channel_slug,
    conversationKey: row.conversation_key,
    messageId: row.id,
    visibility: row.details.visibility ?? null,
    providerFields: row.details.provider_fields,
  };
}

/** A ticket that another tool of ours began, or of which only an amendment came: the customer is known, his message is not. */
async function endWithoutMessage(client: PoolClient, ticket: TicketState): Promise<ConversationEnd | undefined> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM tickets.messages WHERE ticket_id = $1
     AND (details ->> 'sent_elsewhere' = 'true' OR (amends_id IS NOT NULL AND direction = 'inbound')) ORDER BY seq DESC LIMIT 1`,
    [ticket.id],
  );
  const [row] = rows;
  const customer = row?.direction === 'outbound' ? row.details.to[0] : row?.details.from;
  if (row === undefined || customer === undefined || customer.kind === 'agent') return undefined;
  const { kind, id, name } = customer;
  return { ...placeOf(row), to: [{ kind, id, name }], inReplyTo: null, references: [] };
}

/** The root and the latest ids of the ticket's public messages, oldest first. */
async function referencesOf(client: PoolClient, ticketId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string | null }>(
    `SELECT coalesce(provider_message_id, delivery ->> 'provider_message_id') AS id FROM tickets.messages
     WHERE ticket_id = $1 AND kind = 'public' AND channel = 'email' ORDER BY seq`,
    [ticketId],
  );
  const ids = [...new Set(rows.flatMap(({ id }) => (id === null ? [] : [id])))];
  return ids.length <= MAX_REFERENCES ? ids : [...ids.slice(0, 1), ...ids.slice(1 - MAX_REFERENCES)];
}

const HAS_PREFIX = /^\s*re\s*:/i;

export function replySubject(ticket: TicketState, channel: ChannelFamily): string | null {
  if (channel !== 'email') return null;
  const subject = ticket.subject ?? '';
  return (HAS_PREFIX.test(subject) ? subject : `Re: ${subject}`.trim()).slice(0, 998);
}
