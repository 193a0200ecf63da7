import type { OutboundMessageV1 } from '@fanin/contracts';
import { uuidv7 } from '@fanin/kernel';

/** A reply for tests of channels: to a mail unless told otherwise. */
export function sampleReply(reply: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
  return {
    outbound_id: uuidv7(1_795_000_000_000),
    tenant: 'default',
    account_id: 'account-1',
    channel: 'email',
    channel_slug: 'email-smtp',
    ticket_id: uuidv7(1_795_000_000_001),
    ticket_number: 7,
    conversation_key: '<q@customer.example>',
    kind: 'reply',
    to: [{ kind: 'email', id: 'ada@customer.example', name: 'Ada' }],
    author_name: 'Ann',
    subject: 'Where is my order?',
    text: 'It was sent yesterday.',
    attachments: [],
    in_reply_to: '<q@customer.example>',
    references: ['<q@customer.example>'],
    provider_fields: {},
    created_at: '2026-11-21T09:00:00.000Z',
    ...reply,
  };
}
