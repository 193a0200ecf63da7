import type { ConsentDraft, Delivery, MessageDraft, Normalised, RemoteAttachment } from '@fanin/connector-kit';
import type { ReplyWindow } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import { messageConversation, partsOf, partyOf } from './addresses.js';
import { consentWordOf, type ConsentWord } from './consent-words.js';
import { draft, recipient } from './drafts.js';
import type { Fields } from './fields.js';
import { attachmentOf } from './media-refs.js';

const DAY_MS = 86_400_000;
/** Twilio takes ten files a message; more would be something new, and is read too. */
const MOST_FILES = 50;

/** Fields of the webhook that are kept as they are (twilio.com/docs/messaging/guides/webhook-request). */
const KEPT = {
  MessagingServiceSid: 'messaging_service_sid',
  NumSegments: 'num_segments',
  FromCity: 'from_city',
  FromState: 'from_state',
  FromZip: 'from_zip',
  FromCountry: 'from_country',
  WaId: 'wa_id',
  ProfileName: 'profile_name',
  MessageType: 'message_type',
  Forwarded: 'forwarded',
  FrequentlyForwarded: 'frequently_forwarded',
  ButtonText: 'button_text',
  ButtonPayload: 'button_payload',
  ListId: 'list_id',
  ListTitle: 'list_title',
  Latitude: 'latitude',
  Longitude: 'longitude',
  Address: 'address',
  Label: 'label',
  OptOutType: 'opt_out_type',
  OriginalRepliedMessageSid: 'replied_to_sid',
  OriginalRepliedMessageSender: 'replied_to_sender',
  ReferralBody: 'referral_body',
  ReferralHeadline: 'referral_headline',
  ReferralSourceId: 'referral_source_id',
  ReferralSourceType: 'referral_source_type',
  ReferralSourceUrl: 'referral_source_url',
  ReferralCtwaClid: 'referral_ctwa_clid',
  ErrorCode: 'fallback_error_code',
} as const;

/** A message of a customer, the same whichever door it came through. */
export interface IncomingText {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly name: string | null;
  readonly attachments: readonly RemoteAttachment[];
  readonly providerTime: string | null;
  readonly repliedTo: string | undefined;
  readonly optOutType: string | undefined;
  readonly flags: readonly string[];
  readonly kept: Readonly<Record<string, string>>;
}

export function normaliseMessage(fields: Fields, delivery: Delivery): Normalised {
  const repliedTo = fields.optionalSid('OriginalRepliedMessageSid');
  return incoming(
    {
      sid: fields.optionalSid('MessageSid') ?? fields.sid('SmsMessageSid'),
      from: address(fields, 'From'),
      to: address(fields, 'To'),
      body: textOf(fields),
      name: fields.text('ProfileName', 255) ?? null,
      attachments: attachmentsOf(fields),
      providerTime: null,
      repliedTo,
      optOutType: fields.text('OptOutType', 16),
      flags: fields.text('ErrorCode') === undefined ? [] : ['fallback_url'],
      kept: fields.pick(KEPT),
    },
    delivery.receivedAt,
  );
}

export function incoming(text: IncomingText, receivedAt: string): Normalised {
  const conversation = messageConversation(text.from, text.to);
  const isWhatsApp = partsOf(text.from).channel === 'whatsapp';
  const word = consentWordOf(text.body, text.optOutType);
  const at = text.providerTime ?? receivedAt;
  const windows = isWhatsApp ? windowsFrom(at) : undefined;
  const message: MessageDraft = draft({
    provider_message_id: text.sid,
    conversation_key: conversation,
    sender: partyOf(text.from, text.name),
    // The carrier's or WhatsApp's word for who it is; SMS senders can be forged only by those inside the network.
    sender_verified: true,
    recipients: [recipient(partyOf(text.to))],
    text: text.body,
    attachments: text.attachments,
    provider_time: text.providerTime,
    threading: {
      reply_token: null,
      references: text.repliedTo === undefined ? [] : [text.repliedTo],
      subject_base: null,
    },
    flags: [...text.flags, ...(word === undefined ? [] : [FLAGS[word]])],
    provider_fields: {
      from: text.from,
      to: text.to,
      ...(isWhatsApp ? { window_until: new Date(Date.parse(at) + DAY_MS).toISOString() } : {}),
      ...text.kept,
    },
    ...(windows === undefined ? {} : { reply_windows: windows }),
  });
  const consent = word === undefined ? undefined : consentOf(word, conversation, text, at);
  return { messages: [message], ...(consent === undefined ? {} : { consents: [consent] }) };
}

const FLAGS: Readonly<Record<ConsentWord, string>> = { stop: 'opt_out', start: 'opt_in', help: 'opt_help' };

function consentOf(
  word: ConsentWord,
  conversation: string,
  { body, optOutType }: IncomingText,
  at: string,
): ConsentDraft | undefined {
  if (word === 'help') return undefined;
  const said = body.trim().slice(0, 100);
  return {
    conversation_key: conversation,
    state: word === 'stop' ? 'opted_out' : 'opted_in',
    evidence:
      optOutType === undefined || said === '' ? said || word.toUpperCase() : `${said} (OptOutType ${optOutType})`,
    at,
  };
}

/** 24 hours for free words, templates at any time (twilio.com/docs/api/errors/63016). */
function windowsFrom(at: string): ReplyWindow[] {
  const until = new Date(Date.parse(at) + DAY_MS).toISOString();
  return [
    { visibility: 'private', rule: 'standard', sends: 'text', until, once: false },
    { visibility: 'private', rule: 'template', sends: 'template', until: null, once: false },
  ];
}

export function address(fields: Fields, name: string): string {
  const value = fields.text(name, 300)?.trim();
  if (value === undefined || value === '') throw new FaninError('BAD_PAYLOAD', `${name} is missing`);
  return value;
}

/** A place has no text of its own: people read where it is. */
function textOf(fields: Fields): string {
  const body = (fields.text('Body', 100_000) ?? '').replace(/\r\n?/g, '\n');
  const latitude = fields.text('Latitude', 32);
  const longitude = fields.text('Longitude', 32);
  if (latitude === undefined || longitude === undefined) return body;
  const named = [fields.text('Label'), fields.text('Address')].filter((part) => part !== undefined).join(', ');
  const place = `Location: ${named === '' ? '' : `${named} `}(${latitude}, ${longitude})`;
  return body === '' ? place : `${body}\n${place}`;
}

function attachmentsOf(fields: Fields): RemoteAttachment[] {
  const count = Math.min(fields.count('NumMedia') ?? 0, MOST_FILES);
  return Array.from({ length: count }, (_, index) => {
    const url = fields.text(`MediaUrl${index}`, 2000);
    if (url === undefined) throw new FaninError('BAD_PAYLOAD', `NumMedia is ${count} but MediaUrl${index} is missing`);
    return attachmentOf(url, fields.text(`MediaContentType${index}`, 255), index);
  });
}
