import { createHash } from 'node:crypto';
import { ControlError } from '@fanin/simulators/core';
import { errorPart, whatsappMessage, whatsappStatus } from '../events/whatsapp.js';
import type { Account, Person } from '../model.js';
import type { Stage } from '../stage.js';
import type { InboundResult, WhatsappInbound } from './bodies.js';
import { blobOf, needed, personOf, timeOf } from './shared.js';

/** Media ids of a webhook live this long (the vendor's media page). */
const INBOUND_MEDIA_DAYS = 7;

type Built = { type: string } & Record<string, unknown>;

/** A customer writes by WhatsApp, or (kind `status`) Meta reports on a message of ours. */
export function whatsappInbound(stage: Stage, body: WhatsappInbound): InboundResult {
  const account = stage.registry.accountOf('phone', body.account);
  const at = timeOf(stage, body.at);
  if (body.kind === 'status') return reports(stage, account, body, at);
  const person = personOf(stage, account, body.from);
  const id = stage.world.newMid(account, person.id, false);
  const part = partOf(stage, account, person, body);
  const context = contextOf(account, body);
  const text = typeof body.text === 'string' ? body.text : body.caption;
  stage.world.addMessage(account, person, {
    id,
    fromPerson: true,
    at,
    attachments: [],
    ...(text === undefined ? {} : { text }),
  });
  if (body.kind !== 'system') stage.world.opened(account, person, at);
  stage.outbox.post(whatsappMessage(account, person, at, { id, ...context, ...part }));
  const thread = stage.world.thread(account, person);
  return { id, from: person.id, account: account.id, at: new Date(at).toISOString(), thread_id: thread.id };
}

function contextOf(account: Account, body: WhatsappInbound): Record<string, unknown> {
  if (body.forwarded === true) return { context: { forwarded: true } };
  if (body.context === undefined) return {};
  return { context: { from: account.phone?.displayNumber ?? '', id: body.context } };
}

function partOf(stage: Stage, account: Account, person: Person, body: WhatsappInbound): Built {
  const type = body.kind ?? 'text';
  switch (type) {
    case 'text':
      return { type, text: { body: body.text ?? 'Hello, is anybody there?' } };
    case 'image':
    case 'audio':
    case 'document':
    case 'video':
    case 'sticker':
      return { type, [type]: mediaPart(stage, account, type, body) };
    case 'location':
      return { type, location: body.location ?? { latitude: 59.9139, longitude: 10.7522, name: 'Harbour' } };
    case 'contacts':
      return { type, contacts: body.contacts ?? [contactCard(person)] };
    case 'interactive':
      return { type, interactive: interactivePart(body) };
    case 'button':
      return { type, button: body.button ?? { payload: 'YES', text: 'Yes' } };
    case 'reaction':
      return {
        type,
        reaction: {
          message_id: needed(body.mid, 'mid', type),
          ...(body.emoji === '' ? {} : { emoji: body.emoji ?? '\u{1f44d}' }),
        },
      };
    case 'system':
      return { type, system: systemPart(person, body) };
    case 'order':
      return { type, order: body.order ?? sampleOrder() };
    case 'unsupported': {
      const error = {
        code: 131051,
        title: 'Message type unknown',
        details: 'Message type is currently not supported.',
      };
      return { type, errors: [errorPart(error)], unsupported: { type: 'poll_creation' } };
    }
    default:
      throw new ControlError(`"kind" ${String(type)} is not one of WhatsApp`);
  }
}

/** Since November 2025 the webhook brings the short-lived `url` beside the id. */
function mediaPart(stage: Stage, account: Account, type: string, body: WhatsappInbound): Record<string, unknown> {
  const blob = blobOf(stage, account, type, body.file ?? {}, INBOUND_MEDIA_DAYS);
  return {
    ...(body.caption === undefined ? {} : { caption: body.caption }),
    ...(type === 'document' ? { filename: blob.filename } : {}),
    mime_type: blob.mime,
    sha256: createHash('sha256').update(blob.bytes).digest('base64'),
    id: blob.id,
    url: stage.links.media(blob),
    ...(type === 'audio' ? { voice: body.voice ?? true } : {}),
    ...(type === 'sticker' ? { animated: false } : {}),
  };
}

function interactivePart(body: WhatsappInbound): Record<string, unknown> {
  const { list, ...choice } = body.interactive ?? { id: 'track', title: 'Track my order' };
  const type = list === true ? 'list_reply' : 'button_reply';
  return { type, [type]: choice };
}

function systemPart(person: Person, body: WhatsappInbound): Record<string, unknown> {
  const number = body.new_number ?? '16315550199';
  const text = `${person.name} changed from ${person.id} to ${number}`;
  return { body: text, wa_id: number, type: 'user_changed_number' };
}

function contactCard(person: Person): Record<string, unknown> {
  const [first = person.name] = person.name.split(' ');
  return {
    name: { formatted_name: person.name, first_name: first },
    phones: [{ phone: `+${person.id}`, wa_id: person.id, type: 'MOBILE' }],
  };
}

function sampleOrder(): Record<string, unknown> {
  const item = { product_retailer_id: 'ridge-2', quantity: 1, item_price: 219.9, currency: 'EUR' };
  return { catalog_id: '194836987003835', text: 'Gift wrap, please', product_items: [item] };
}

function reports(stage: Stage, account: Account, body: WhatsappInbound, at: number): InboundResult {
  const id = needed(body.mid, 'mid', 'status');
  const message = stage.world.messages.get(id);
  const to = message?.personId ?? personOf(stage, account, body.from).id;
  const callbackData = stage.world.sent.find((sent) => sent.id === id)?.biz_opaque_callback_data;
  const error = body.error;
  stage.outbox.post(
    whatsappStatus(account, at, {
      id,
      status: body.status ?? 'delivered',
      to,
      ...(callbackData === undefined ? {} : { callbackData }),
      ...(error === undefined ? {} : { errors: [{ ...error, details: error.details ?? error.title }] }),
    }),
  );
  return { id, from: to, account: account.id, at: new Date(at).toISOString() };
}
