import type { ChannelFamily, MessageKind } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import { storableJson, type Database } from '@fanin/platform';
import type { PoolClient } from 'pg';
import type { MessageDelivery, MessageDetails } from '../schema/entities/message.entity.js';
import { storable, storableOrNull } from '../schema/storable.js';
import { jsonColumn, plainColumn, textColumn } from '../sql/columns.js';

export interface NewMessage {
  readonly id: string;
  readonly tenant: string;
  readonly ticketId: string;
  readonly seq: number;
  readonly accountId: string;
  readonly providerMessageId: string | null;
  readonly part: number;
  readonly deliveryId: string | null;
  readonly conversationKey: string;
  readonly direction: 'inbound' | 'outbound';
  readonly kind: MessageKind;
  readonly channel: ChannelFamily;
  readonly channelSlug: string;
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly quotedText: string | null;
  readonly details: MessageDetails;
  readonly providerTime: string | null;
  readonly receivedAt: string;
  readonly delivery: MessageDelivery | null;
}

const INSERT = {
  name: 'fanin-tickets-messages',
  text: `
INSERT INTO tickets.messages (id, tenant, ticket_id, seq, account_id, provider_message_id, part, delivery_id, conversation_key,
  direction, kind, channel, channel_slug, subject, text, html, quoted_text, details, provider_time, received_at, delivery)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[],
  $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::json[],
  $19::timestamptz[], $20::timestamptz[], $21::json[])
ON CONFLICT DO NOTHING`,
};

/** Resolves to how many were written: fewer means that another transaction wrote some of them first. */
export async function insertMessages(client: PoolClient, messages: readonly NewMessage[]): Promise<number> {
  if (messages.length === 0) return 0;
  const column = <T>(pick: (message: NewMessage) => T): T[] => messages.map(pick);
  const { rowCount } = await client.query({ ...INSERT, values: messageColumns(column) });
  return rowCount ?? 0;
}

const OF_ANOTHER_TENANT = `
SELECT count(*)::int AS taken FROM unnest($1::text[], $2::text[]) AS k(id, tenant)
  JOIN tickets.messages m ON m.id = k.id WHERE m.tenant <> k.tenant`;

/**
 * Asked when a message could not be written. An id is made of the tenant as well, so one that stands with another tenant is a
 * forgery or an accident, and reading again will not mend it: BAD_PAYLOAD.
 */
export async function refuseIdsOfOthers(
  database: Database,
  messages: readonly Pick<NewMessage, 'id' | 'tenant'>[],
): Promise<void> {
  const { rows } = await database.statement<{ taken: number }>('*', OF_ANOTHER_TENANT, [
    messages.map(({ id }) => id),
    messages.map(({ tenant }) => tenant),
  ]);
  const taken = rows[0]?.taken ?? 0;
  if (taken > 0)
    throw new FaninError('BAD_PAYLOAD', `the id of ${taken} message(s) belongs to a message of another tenant`);
}

function messageColumns(column: <T>(pick: (message: NewMessage) => T) => T[]): unknown[] {
  return [
    textColumn(column((m) => m.id)),
    textColumn(column((m) => m.tenant)),
    plainColumn(column((m) => m.ticketId)),
    plainColumn(column((m) => m.seq)),
    textColumn(column((m) => m.accountId)),
    textColumn(column((m) => m.providerMessageId)),
    plainColumn(column((m) => m.part)),
    textColumn(column((m) => m.deliveryId)),
    textColumn(column((m) => storable(m.conversationKey))),
    textColumn(column((m) => m.direction)),
    textColumn(column((m) => m.kind)),
    textColumn(column((m) => m.channel)),
    textColumn(column((m) => m.channelSlug)),
    textColumn(column((m) => storableOrNull(m.subject))),
    textColumn(column((m) => storable(m.text))),
    textColumn(column((m) => storableOrNull(m.html))),
    textColumn(column((m) => storableOrNull(m.quotedText))),
    jsonColumn(column((m) => storableJson(m.details))),
    plainColumn(column((m) => m.providerTime)),
    plainColumn(column((m) => m.receivedAt)),
    jsonColumn(column((m) => (m.delivery === null ? null : storableJson(m.delivery)))),
  ];
}
