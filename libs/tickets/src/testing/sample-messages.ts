import { createHash } from 'node:crypto';
import type { InboundMessageV1 } from '@fanin/contracts';
import { deterministicId } from '@fanin/kernel';

export type SampleOptions = Partial<Omit<InboundMessageV1, 'threading'>> & {
  readonly threading?: Partial<InboundMessageV1['threading']>;
};

/** A message as a connector makes it, for tests and benches. Message-ID, delivery and ids follow from `name`. */
export function sampleMail(name: string, options: SampleOptions = {}): InboundMessageV1 {
  const { threading, ...given } = options;
  const tenant = given.tenant ?? 'shop';
  const account = given.account_id ?? 'mail';
  const id = given.provider_message_id ?? `<${name}@mail.example>`;
  const references = threading?.references ?? [];
  return {
    message_id: deterministicId(tenant, account, id, String(given.part ?? 0)),
    tenant,
    account_id: account,
    channel: 'email',
    channel_slug: 'email-smtp',
    delivery_id: `delivery-${name}`,
    part: 0,
    parts: 1,
    provider_message_id: id,
    conversation_key: references.at(-1) ?? id,
    sender: { kind: 'email', id: 'ann@customer.example', name: 'Ann' },
    sender_verified: true,
    recipients: [
      { kind: 'email', id: 'support@shop.example', name: null, role: 'to' },
      { kind: 'email', id: 'support@shop.example', name: null, role: 'envelope' },
    ],
    subject: `About ${name}`,
    text: `Hello, this is ${name}.`,
    html: null,
    quoted_text: null,
    body_ref: null,
    attachments: [],
    provider_time: '2026-11-21T08:00:00.000Z',
    received_at: '2026-11-21T08:00:01.000Z',
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
    ...given,
    threading: { reply_token: null, references: [], subject_base: null, ...threading },
  };
}

/** A chat message; `conversation` is the conversation id. */
export function sampleChat(name: string, conversation: string, options: SampleOptions = {}): InboundMessageV1 {
  return sampleMail(name, {
    account_id: 'chat',
    channel: 'chat',
    channel_slug: 'chat-web',
    provider_message_id: `${conversation}:${name}`,
    conversation_key: conversation,
    sender: { kind: 'visitor', id: `visitor-${conversation}`, name: null },
    recipients: [],
    subject: null,
    ...options,
  });
}

/** A direct message of a social platform; `customer` is the scoped user id, which also names the conversation. */
export function sampleDirect(name: string, customer: string, options: SampleOptions = {}): InboundMessageV1 {
  return sampleMail(name, {
    account_id: 'page',
    channel: 'social',
    channel_slug: 'social-meta-messenger',
    message_id: deterministicId(
      options.tenant ?? 'shop',
      'page',
      options.provider_message_id ?? `mid-${name}`,
      '',
      '0',
    ),
    provider_message_id: `mid-${name}`,
    conversation_key: `dm:page:${customer}`,
    sender: { kind: 'social', id: `messenger:page:${customer}`, name: 'Ines' },
    recipients: [{ kind: 'social', id: 'messenger:page:page', name: 'Shop', role: 'to' }],
    subject: null,
    visibility: 'private',
    ...options,
  });
}

/** The same conversation, written by the shop with another tool. */
export function sampleEcho(name: string, customer: string, options: SampleOptions = {}): InboundMessageV1 {
  return sampleDirect(name, customer, {
    author: 'account',
    sender: { kind: 'social', id: 'messenger:page:page', name: 'Shop' },
    recipients: [{ kind: 'social', id: `messenger:page:${customer}`, name: 'Ines', role: 'to' }],
    ...options,
  });
}

export function sampleHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
