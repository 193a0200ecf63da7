import type { MessageDraft } from '@fanin/connector-kit';
import type { Party, ReplyWindow } from '@fanin/contracts';
import {
  amendment,
  cut,
  draftOf,
  idAt,
  ignored,
  needTime,
  newsId,
  objectAt,
  optionalIdAt,
  STANDARD_MS,
  textAt,
  type Json,
  type Part,
} from '@fanin/meta';
import { contentOf, referralOf } from './content.js';
import { addressOf, conversationOf, customerOf, ourselves, type NumberNews } from './party.js';

/** From the customer's last message: 24 hours for any words, templates without end (…/whatsapp/pricing, customer service windows). */
export function serviceWindows(time: string): readonly ReplyWindow[] {
  const until = new Date(Date.parse(time) + STANDARD_MS).toISOString();
  return [
    { visibility: 'private', rule: 'customer_service', sends: 'text', until, once: false },
    { visibility: 'private', rule: 'template', sends: 'template', until: null, once: false },
  ];
}

interface Place {
  readonly news: NumberNews;
  readonly message: Json;
  readonly customer: Party;
  /** Written with the WhatsApp Business app on our side. */
  readonly byUs: boolean;
  readonly time: string;
}

/** One of `value.messages[]`. */
export function readMessage(news: NumberNews, message: Json): Part {
  const from = optionalIdAt(message, 'from');
  const customer = customerOf(news, from, optionalIdAt(message, 'from_user_id') ?? optionalIdAt(message, 'user_id'));
  return readPlaced({ news, message, customer, byUs: false, time: needTime(message['timestamp']) });
}

/** One of `value.message_echoes[]` (field smb_message_echoes): our side wrote it with the app on a phone. */
export function readEcho(news: NumberNews, message: Json): Part {
  const customer = customerOf(news, optionalIdAt(message, 'to'), optionalIdAt(message, 'to_user_id'));
  return readPlaced({ news, message, customer, byUs: true, time: needTime(message['timestamp']) });
}

function readPlaced(at: Place): Part {
  const { message } = at;
  const id = idAt(message, 'id');
  const type = textAt(message, 'type') ?? 'unknown';
  const part = objectAt(message, type);
  switch (type) {
    case 'reaction':
      return reaction(at, id, part);
    case 'edit':
      return edited(at, id, part);
    case 'revoke':
      return revoked(at, id, part);
    case 'system':
      return system(at, id, part);
    default:
      return { messages: [written(at, id, type)] };
  }
}

function baseOf({ news, customer, byUs, time }: Place, id: string) {
  const us = ourselves(news);
  return {
    provider_message_id: id,
    conversation_key: conversationOf(customer, news.ours),
    sender: byUs ? us : customer,
    to: byUs ? customer : us,
    provider_time: time,
    ...(byUs ? { author: 'account' as const } : {}),
    provider_fields: { platform: 'whatsapp', surface: 'direct', customer: addressOf(customer), window_from: time },
  };
}

function written(at: Place, id: string, type: string): MessageDraft {
  const { message, byUs, time } = at;
  const content = contentOf(type, message);
  const context = objectAt(message, 'context');
  const answered = optionalIdAt(context, 'id');
  const forwarded = context?.['forwarded'] === true || context?.['frequently_forwarded'] === true;
  const base = baseOf(at, id);
  return draftOf({
    ...base,
    text: content.text,
    attachments: content.attachments ?? [],
    references: answered === undefined ? [] : [answered],
    flags: [...(content.flags ?? []), ...(forwarded ? ['forwarded'] : []), ...(byUs ? ['echo'] : [])],
    provider_fields: { ...base.provider_fields, ...content.fields, ...referralOf(message) },
    ...(byUs ? {} : { reply_windows: serviceWindows(time) }),
  });
}

/** Without an emoji a reaction is taken back. It has a wamid of its own. */
function reaction(at: Place, id: string, part: Json | undefined): Part {
  const emoji = textAt(part, 'emoji') ?? '';
  const amends = amendment(
    idAt(part, 'message_id'),
    emoji === '' ? 'unreacted' : 'reacted',
    emoji === '' ? null : emoji,
  );
  return { messages: [draftOf({ ...baseOf(at, id), amends })] };
}

function edited(at: Place, id: string, part: Json | undefined): Part {
  const original = idAt(part, 'original_message_id');
  const changed = objectAt(part, 'message');
  const { text } = contentOf(textAt(changed, 'type') ?? 'text', changed ?? {});
  return { messages: [draftOf({ ...baseOf(at, newsId(id, 'edited')), text, amends: amendment(original, 'edited') })] };
}

function revoked(at: Place, id: string, part: Json | undefined): Part {
  const original = idAt(part, 'original_message_id');
  return { messages: [draftOf({ ...baseOf(at, newsId(id, 'deleted')), amends: amendment(original, 'deleted') })] };
}

/** The customer changed the number: told in the old conversation, so that a person sees where to go on. */
function system(at: Place, id: string, part: Json | undefined): Part {
  const type = textAt(part, 'type') ?? '';
  const next = optionalIdAt(part, 'wa_id') ?? optionalIdAt(part, 'new_wa_id');
  if (!/changed_number|changed_user_id/.test(type) && next === undefined)
    return ignored('system_message', cut(type, 60));
  const base = baseOf(at, id);
  const words = textAt(part, 'body') ?? 'The customer changed the number.';
  // It is not the customer's word: the window is not counted from it.
  const { window_from: _, ...place } = base.provider_fields;
  const fields = {
    ...place,
    ...(next === undefined ? {} : { new_number: `+${next.replace(/\D/g, '')}` }),
  };
  return {
    messages: [
      draftOf({
        ...base,
        text: `[number changed] ${cut(words, 500)}`,
        flags: ['number_changed'],
        provider_fields: fields,
      }),
    ],
  };
}
