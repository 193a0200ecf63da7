import { ControlError } from '@fanin/simulators/core';
import { checkFields, timeOf } from './checks.js';
import type { FieldType } from './checks.js';
import type { TwilioAccount, TwilioNumber } from './config.js';
import { streamMessage } from './event-stream.js';
import { inboundParams } from './inbound-params.js';
import { answerByTwiml } from './message-twiml.js';
import { optOutTypeOf, VENDOR_ANSWERS } from './opt-out.js';
import type { OptOutType } from './opt-out.js';
import { bareNumber, ownerOf } from './parts.js';
import type { Channel, TwilioParts } from './parts.js';
import { segmentsOf } from './segments.js';
import { sendMessage } from './sending.js';
import { newSid } from './sids.js';
import { pairOf } from './store.js';
import type { MessageRecord } from './store.js';
import { callWebhook } from './webhook.js';

/** A customer writes. Addresses are plain E.164: the channel adds its prefix. */
export interface InboundMessage {
  channel?: Channel;
  from: string;
  /** One of the account's numbers; without it the first one. */
  to?: string;
  body?: string;
  /** In JSON, `base64` or `text` instead of `bytes`. */
  media?: { content_type: string; bytes?: Buffer; base64?: string; text?: string }[];
  /** When it was sent (ISO 8601), for what came while nobody listened. Default: now. */
  at?: string;
  /** False: our side never hears of it, as when the webhook was lost; it is in the lists all the same. */
  webhook?: boolean;
  /** The media's content answers 404 for so long. */
  media_ready_after_ms?: number;
  profile_name?: string;
  button?: { text: string; payload: string };
  location?: { latitude: number; longitude: number; address?: string; label?: string };
  replied_to?: { sid: string; sender: string };
  forwarded?: boolean;
  /** Further webhook fields as they are (`ReferralBody`, …, one that Twilio adds tomorrow). */
  extra?: Record<string, string>;
}

export interface InboundMade {
  message_sid: string;
  media_sids: string[];
}

const FIELDS = {
  channel: 'string',
  from: 'string',
  to: 'string',
  body: 'string',
  media: 'list',
  at: 'string',
  webhook: 'boolean',
  media_ready_after_ms: 'number',
  profile_name: 'string',
  button: 'object',
  location: 'object',
  replied_to: 'object',
  forwarded: 'boolean',
  extra: 'object',
} satisfies Record<keyof InboundMessage, FieldType>;

/** Takes the message in and, meanwhile, delivers it: `idle()` tells when that is over. */
export function receive(parts: TwilioParts, inbound: InboundMessage): InboundMade {
  checkFields('a message', inbound, FIELDS);
  const channel = inbound.channel ?? 'sms';
  if (channel !== 'sms' && channel !== 'whatsapp') {
    throw new ControlError(`"channel" must be sms or whatsapp, not ${String(channel)}`);
  }
  const { account, number } = receiverOf(parts, inbound.to);
  const message = messageOf(parts, account, number, channel, inbound);
  parts.store.messages.push(message);
  const word = channel === 'sms' ? optOutTypeOf(message.body) : undefined;
  if (word !== undefined) obey(parts, account, message, word);
  if (channel === 'whatsapp') parts.store.lastWritten.set(pairOf(message.to, message.from), message.created_ms);
  if (inbound.webhook !== false) {
    streamMessage(parts, message);
    void parts.webhooks.activity.track(deliver(parts, account, number, message, inbound, word));
  }
  return { message_sid: message.sid, media_sids: message.media.map((media) => media.sid) };
}

function receiverOf(parts: TwilioParts, to: string | undefined) {
  const wanted = to ?? parts.settings.accounts[0]?.numbers[0]?.phone_number ?? '';
  const found = ownerOf(parts.settings, wanted);
  if (found !== undefined) return found;
  const numbers = parts.settings.accounts.flatMap((account) => account.numbers.map((each) => each.phone_number));
  throw new ControlError(`"to" must be one of ${numbers.join(', ')}, not ${wanted}; add numbers with the config call`);
}

function messageOf(
  parts: TwilioParts,
  account: TwilioAccount,
  number: TwilioNumber,
  channel: Channel,
  inbound: InboundMessage,
): MessageRecord {
  if (typeof inbound.from !== 'string' || !/^\+?\w+$/.test(bareNumber(inbound.from))) {
    throw new ControlError('"from" must be a phone number, for example +12025550111');
  }
  const sentMs = timeOf(inbound.at, parts.clock.now());
  const address = (bare: string): string => (channel === 'whatsapp' ? `whatsapp:${bareNumber(bare)}` : bare);
  const media = inbound.media ?? [];
  const body = inbound.body ?? '';
  return {
    sid: newSid(parts.random, media.length > 0 && channel === 'sms' ? 'MM' : 'SM'),
    account_sid: account.account_sid,
    direction: 'inbound',
    from: address(inbound.from),
    to: address(number.phone_number),
    body,
    status: 'received',
    messaging_service_sid: null,
    media: media.map((file) => ({
      sid: newSid(parts.random, 'ME'),
      content_type: file.content_type,
      bytes: file.bytes ?? Buffer.from(file.base64 ?? file.text ?? '', file.base64 === undefined ? 'utf8' : 'base64'),
      created_ms: sentMs,
      ready_ms: parts.clock.now() + (inbound.media_ready_after_ms ?? 0),
    })),
    created_ms: sentMs,
    updated_ms: sentMs,
    sent_ms: sentMs,
    error_code: null,
    error_message: null,
    num_segments: segmentsOf(body),
    origin: 'customer',
    media_urls: [],
  };
}

/** Twilio obeys and answers by itself; our side hears the word as a message like any other. */
function obey(parts: TwilioParts, account: TwilioAccount, message: MessageRecord, word: OptOutType): void {
  const pair = pairOf(message.to, message.from);
  const outBefore = parts.store.optedOut.has(pair);
  if (word === 'STOP') parts.store.optedOut.add(pair);
  if (word === 'START') parts.store.optedOut.delete(pair);
  // A second STOP, and START from one who never left, change nothing and get no answer.
  if (word !== 'HELP' && outBefore === (word === 'STOP')) return;
  const answer = { to: message.from, from: message.to, body: VENDOR_ANSWERS[word], mediaUrls: [] };
  sendMessage(parts, account, answer, { origin: 'vendor' });
}

async function deliver(
  parts: TwilioParts,
  account: TwilioAccount,
  number: TwilioNumber,
  message: MessageRecord,
  inbound: InboundMessage,
  word: OptOutType | undefined,
): Promise<void> {
  const whatsapp = inbound.channel === 'whatsapp';
  const url = whatsapp ? number.whatsapp_url : number.sms_url;
  if (url === undefined || url === '') return;
  const fallbackUrl = whatsapp ? number.whatsapp_fallback_url : number.sms_fallback_url;
  const webhook = {
    kind: whatsapp ? 'whatsapp' : 'sms',
    account,
    url,
    ...(fallbackUrl === undefined ? {} : { fallbackUrl }),
    resourceSid: message.sid,
    params: inboundParams(parts, account, message, inbound, word),
  };
  const answer = await callWebhook(parts, webhook);
  if (answer !== undefined) answerByTwiml(parts, webhook, message, answer);
}
