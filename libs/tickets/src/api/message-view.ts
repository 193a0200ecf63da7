import type { ChannelFamily, MessageKind } from '@fanin/contracts';
import type { MessageDelivery, MessageDetails } from '../schema/entities/message.entity.js';
import type { MessageView } from './views.js';

export const MESSAGE_COLUMNS = `m.id, m.tenant, m.ticket_id, m.seq, m.account_id, m.direction, m.kind, m.channel, m.subject, m.text, m.html, m.quoted_text,
  m.details, m.provider_message_id, m.delivery_id, m.provider_time, m.received_at, m.delivery`;

export interface MessageRow {
  id: string;
  tenant: string;
  ticket_id: string;
  seq: number;
  account_id: string;
  direction: 'inbound' | 'outbound';
  kind: MessageKind;
  channel: ChannelFamily;
  subject: string | null;
  text: string;
  html: string | null;
  quoted_text: string | null;
  details: MessageDetails;
  provider_message_id: string | null;
  delivery_id: string | null;
  provider_time: Date | null;
  received_at: Date;
  delivery: MessageDelivery | null;
}

export function messageView(row: MessageRow): MessageView {
  const { details } = row;
  return {
    id: row.id,
    ticket_id: row.ticket_id,
    direction: row.direction,
    kind: row.kind,
    channel: row.channel,
    from: { kind: details.from.kind, id: details.from.id, name: details.from.name },
    to: details.to.map(({ kind, id, name, role }) => ({ kind, id, name, role })),
    subject: row.subject,
    text: row.text,
    html: row.html,
    quoted_text: row.quoted_text,
    attachments: details.attachments.map(({ name, content_type, size, sha256, inline, content_id }) => ({
      name,
      content_type,
      size,
      sha256,
      inline,
      content_id: content_id ?? null,
    })),
    provider_message_id: row.provider_message_id ?? row.delivery?.provider_message_id ?? null,
    provider_time: row.provider_time?.toISOString() ?? null,
    received_at: row.received_at.toISOString(),
    threading: details.threading,
    flags: [...details.flags],
    delivery: row.delivery,
  };
}
