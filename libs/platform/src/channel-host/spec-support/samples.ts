import type { OutboundMessageV1 } from '@fanin/contracts';
import type { AccountConfig } from '../../config/fanin-config.js';

export function account(id: string, channel: string, tenant = 'shop'): AccountConfig {
  return { id, tenant, channel, config: {} };
}

export function reply(
  id: string,
  accountId: string,
  slug: string,
  conversation = 'room',
  text = 'Hello',
): OutboundMessageV1 {
  return {
    outbound_id: id,
    tenant: 'shop',
    account_id: accountId,
    channel: 'social',
    channel_slug: slug,
    ticket_id: 'ticket',
    ticket_number: 1,
    conversation_key: conversation,
    kind: 'reply',
    to: [{ kind: 'social', id: 'ada', name: null }],
    author_name: 'Bob',
    subject: null,
    text,
    attachments: [],
    in_reply_to: null,
    references: [],
    provider_fields: {},
    created_at: '2026-11-21T08:00:00.000Z',
  };
}
