import type { ChannelFamily, MessageKind } from '@fanin/contracts';
import type { MessageDelivery, MessageDetails } from '../schema/entities/message.entity.js';
import type { AmendsView, MessageView, TemplateView } from './views.js';

export const MESSAGE_COLUMNS = `m.id, m.tenant, m.ticket_id, m.seq, m.account_id, m.direction, m.kind, m.channel, m.subject, m.text, m.html, m.quoted_text,
  m.details, m.provider_message_id, m.delivery_id, m.provider_time, m.received_at, m.delivery, m.amends_id, m.hidden`;

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
  amends_id: string | null;
  hidden: boolean;
}

/**
 * Of what its sender took back neither words nor files are shown: platforms ask that of everyone who shows their messages, and a
 * customer who deletes a card number means it. It stays stored, and readable as the original, for those who must prove what
 * was said.
 */
export function messageView(row: MessageRow): MessageView {
  const { details, hidden } = row;
  return {
    id: row.id,
    ticket_id: row.ticket_id,
    direction: row.direction,
    kind: row.kind,
    channel: row.channel,
    from: { kind: details.from.kind, id: details.from.id, name: details.from.name },
    to: details.to.map(({ kind, id, name, role }) => ({ kind, id, name, role })),
    subject: row.subject,
    text: hidden ? '' : row.text,
    html: hidden ? null : row.html,
    quoted_text: hidden ? null : row.quoted_text,
    attachments: (hidden ? [] : details.attachments).map(
      ({ name, content_type, size, sha256, inline, content_id }) => ({
        name,
        content_type,
        size,
        sha256,
        inline,
        content_id: content_id ?? null,
      }),
    ),
    provider_message_id: row.provider_message_id ?? row.delivery?.provider_message_id ?? null,
    provider_time: row.provider_time?.toISOString() ?? null,
    received_at: row.received_at.toISOString(),
    threading: details.threading,
    flags: flagsOf(details),
    visibility: details.visibility ?? null,
    reactions: (details.amended?.reactions ?? []).map(({ value, from, at }) => ({
      value,
      from: { kind: from.kind, id: from.id, name: from.name },
      at,
    })),
    amends: amendsView(row),
    template: templateView(details),
    delivery: row.delivery,
  };
}

function flagsOf({ flags, amended, sent_elsewhere: elsewhere }: MessageDetails): string[] {
  return [...new Set([...flags, ...(amended?.changes ?? []), ...(elsewhere === true ? ['sent_elsewhere'] : [])])];
}

function amendsView({ details, amends_id, hidden }: MessageRow): AmendsView | null {
  const { amends } = details;
  if (amends === undefined || amends_id === null) return null;
  const { provider_message_id, change, value, earlier_text } = amends;
  return {
    message_id: amends_id,
    provider_message_id,
    change,
    value,
    earlier_text: hidden ? null : (earlier_text ?? null),
  };
}

function templateView({ template }: MessageDetails): TemplateView | null {
  if (template === undefined) return null;
  return { id: template.id, language: template.language ?? null, variables: { ...template.variables } };
}
