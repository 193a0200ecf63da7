import type { ChannelFamily, Party } from '@fanin/contracts';
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
  readonly inReplyTo: string | null;
  /** Oldest first. */
  readonly references: readonly string[];
  readonly providerFields: Readonly<Record<string, string>>;
}

interface Row {
  account_id: string;
  channel: ChannelFamily;
  channel_slug: string;
  conversation_key: string;
  provider_message_id: string;
  details: MessageDetails;
}

const MAX_REFERENCES = 100;

/** Undefined when no customer ever wrote. A reply goes to whoever wrote last and, by e-mail, also to who opened the ticket. */
export async function conversationEnd(client: PoolClient, ticket: TicketState): Promise<ConversationEnd | undefined> {
  const inbound = (order: 'ASC' | 'DESC'): Promise<{ rows: Row[] }> =>
    client.query<Row>(
      `SELECT account_id, channel, channel_slug, conversation_key, provider_message_id, details FROM tickets.messages
       WHERE ticket_id = $1 AND direction = 'inbound' AND kind = 'public' ORDER BY seq ${order} LIMIT 1`,
      [ticket.id],
    );
  const [last] = (await inbound('DESC')).rows;
  const [first] = (await inbound('ASC')).rows;
  if (last === undefined || first === undefined) return undefined;
  const people =
    last.channel === 'email' && first.channel === 'email'
      ? [last.details.from, first.details.from]
      : [last.details.from];
  const to = people.filter(
    (one, at) => people.findIndex((other) => other.kind === one.kind && other.id === one.id) === at,
  );
  return {
    accountId: last.account_id,
    channel: last.channel,
    channelSlug: last.channel_slug,
    conversationKey: last.conversation_key,
    to: to as Party[],
    inReplyTo: last.provider_message_id,
    references: last.channel === 'email' ? await referencesOf(client, ticket.id) : [],
    providerFields: last.details.provider_fields,
  };
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
