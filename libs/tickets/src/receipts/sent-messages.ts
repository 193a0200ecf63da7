import { storableJson } from '@fanin/platform';
import type { ChannelFamily, DeliveryStatus, EventMessage, TicketEventV1 } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import { recordEvent } from '../events/ticket-events.js';
import type { MessageDelivery } from '../schema/entities/message.entity.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { isForward } from './delivery-rank.js';

/** An outbound message whose delivery is followed. */
export interface SentMessage {
  readonly id: string;
  readonly tenant: string;
  readonly ticketId: string;
  readonly accountId: string;
  readonly channel: ChannelFamily;
  readonly kind: 'public';
  readonly receivedAt: string;
  delivery: MessageDelivery;
}

const SELECT = `
SELECT id, tenant, ticket_id AS "ticketId", account_id AS "accountId", channel, kind, received_at AS "receivedAt", delivery
FROM tickets.messages WHERE id = ANY ($1::text[]) AND direction = 'outbound' AND delivery IS NOT NULL`;

/** Call it after their tickets are locked: the ticket's lock guards the delivery of its messages. */
export async function loadSentMessages(client: PoolClient, ids: readonly string[]): Promise<SentMessage[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<Omit<SentMessage, 'receivedAt'> & { receivedAt: Date }>(SELECT, [ids]);
  return rows.map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() }));
}

export interface DeliveryNews {
  readonly status: DeliveryStatus;
  readonly providerMessageId: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly at: string;
}

/** Moves the delivery forward and records the event; undefined when the news is old. */
export function applyDeliveryNews(
  ticket: TicketState,
  message: SentMessage,
  news: DeliveryNews,
  recordedAt: string,
): TicketEventV1 | undefined {
  if (!isForward(message.delivery.status, news.status)) return undefined;
  message.delivery = {
    status: news.status,
    provider_message_id: news.providerMessageId ?? message.delivery.provider_message_id,
    code: news.code,
    reason: news.reason,
    at: news.at,
  };
  const shown: EventMessage = {
    id: message.id,
    direction: 'outbound',
    kind: message.kind,
    channel: message.channel,
    provider_time: null,
    received_at: message.receivedAt,
    delivery_status: news.status,
  };
  return recordEvent(ticket, {
    type: 'message.delivery_changed',
    occurredAt: recordedAt,
    recordedAt,
    actor: { type: 'system', id: null },
    message: shown,
  });
}

const UPDATE = `
UPDATE tickets.messages m SET delivery = n.delivery
FROM unnest($1::text[], $2::json[]) AS n(id, delivery) WHERE m.id = n.id`;

export async function saveDeliveries(client: PoolClient, messages: readonly SentMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await client.query(UPDATE, [messages.map(({ id }) => id), messages.map(({ delivery }) => storableJson(delivery))]);
}
