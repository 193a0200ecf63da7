import type { RemoteAttachment } from '@fanin/connector-kit';
import { cut, listAt, mediaRef, objectAt, objectsAt, optionalIdAt, textAt, type Json } from '@fanin/meta';

/** What a message says, whatever its type. */
export interface Content {
  readonly text: string;
  readonly attachments?: readonly RemoteAttachment[];
  readonly flags?: readonly string[];
  readonly fields?: Readonly<Record<string, string>>;
}

const MEDIA: Readonly<Record<string, string>> = {
  image: 'jpg',
  video: 'mp4',
  audio: 'ogg',
  voice: 'ogg',
  document: 'bin',
  sticker: 'webp',
};

/** Reads the object that a message carries under its type. Types that are not known are told as such, with nothing lost: the original is kept. */
export function contentOf(type: string, message: Json): Content {
  const part = objectAt(message, type);
  if (type === 'text') return { text: textAt(part, 'body') ?? '' };
  if (Object.hasOwn(MEDIA, type)) return mediaContent(type, part);
  switch (type) {
    case 'location':
      return { text: placeOf(part), flags: ['location'] };
    case 'contacts':
      return { text: objectsAt(message, 'contacts').slice(0, 50).map(cardOf).join('\n'), flags: ['contacts'] };
    case 'interactive':
      return interactiveContent(part);
    case 'button':
      return {
        text: textAt(part, 'text') ?? '',
        flags: ['button'],
        fields: named({ button: textAt(part, 'payload') }),
      };
    case 'order':
      return orderContent(part);
    case 'request_welcome':
      return { text: '[opened the chat for the first time]', flags: ['request_welcome'] };
    default:
      return unsupportedContent(type, message);
  }
}

function mediaContent(type: string, part: Json | undefined): Content {
  const id = optionalIdAt(part, 'id');
  const voice = part?.['voice'] === true;
  const text = textAt(part, 'caption') ?? '';
  const flags = [...(type === 'sticker' ? ['sticker'] : []), ...(voice ? ['voice'] : [])];
  if (id === undefined)
    return { text: text === '' ? `[${type} without a file]` : text, flags: [...flags, 'unsupported'] };
  const contentType = cut(textAt(part, 'mime_type') ?? 'application/octet-stream', 255);
  return {
    text,
    flags,
    attachments: [
      { ref: mediaRef(id), name: fileName(type, part, contentType), content_type: contentType, inline: false },
    ],
  };
}

function fileName(type: string, part: Json | undefined, contentType: string): string {
  const given =
    (textAt(part, 'filename') ?? '')
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/[\n\t\ufffd]/g, ' ')
      .trim() ?? '';
  if (given !== '') return cut(given, 200);
  const ending = /^[a-z]+\/([a-z0-9]{2,5})\b/i.exec(contentType)?.[1]?.replace('jpeg', 'jpg');
  return `${type}.${ending ?? MEDIA[type] ?? 'bin'}`;
}

function placeOf(part: Json | undefined): string {
  const point = ['latitude', 'longitude'].map((name) => String(part?.[name] ?? '?')).join(', ');
  const words = ['name', 'address', 'url'].map((name) => textAt(part, name)).filter((text) => text !== undefined);
  return cut(['[location]', point, ...words].join(' '), 1_000);
}

function cardOf(contact: Json): string {
  const name = textAt(objectAt(contact, 'name'), 'formatted_name') ?? '?';
  const ways = [
    ...objectsAt(contact, 'phones').map((phone) => textAt(phone, 'phone')),
    ...objectsAt(contact, 'emails').map((email) => textAt(email, 'email')),
  ].filter((way) => way !== undefined);
  return cut(`[contact] ${[name, ...ways].join(', ')}`, 500);
}

/** A button, a row of a list, or a filled form of ours. */
function interactiveContent(part: Json | undefined): Content {
  const kind = textAt(part, 'type') ?? '';
  const answer = objectAt(part, kind);
  if (kind === 'nfm_reply') {
    const body = textAt(answer, 'response_json') ?? '';
    return { text: cut(`[form] ${textAt(answer, 'body') ?? ''}\n${body}`.trim(), 20_000), flags: ['form'] };
  }
  const title = textAt(answer, 'title') ?? `[${cut(kind, 60)}]`;
  const description = textAt(answer, 'description');
  return {
    text: description === undefined ? title : `${title}\n${description}`,
    flags: ['button'],
    fields: named({ button: optionalIdAt(answer, 'id') ?? textAt(answer, 'id') }),
  };
}

function orderContent(part: Json | undefined): Content {
  const items = objectsAt(part, 'product_items').slice(0, 100);
  const lines = items.map((item) => {
    const [id, quantity, price, currency] = ['product_retailer_id', 'quantity', 'item_price', 'currency'].map((name) =>
      String(item[name] ?? '?'),
    );
    return cut(`${quantity} × ${id} at ${price} ${currency}`, 300);
  });
  const text = [textAt(part, 'text') ?? '', '[order]', ...lines].filter((line) => line !== '').join('\n');
  return { text, flags: ['order'], fields: named({ catalog_id: textAt(part, 'catalog_id') }) };
}

function unsupportedContent(type: string, message: Json): Content {
  const [error] = objectsAt(message, 'errors');
  const kind = textAt(objectAt(message, 'unsupported'), 'type') ?? type;
  const why = textAt(error, 'title') ?? textAt(error, 'message');
  const code = textAt(error, 'code');
  const reason = [code, why].filter((text) => text !== undefined).join(' ');
  return {
    text: `[a message of type ${cut(kind, 60)} that WhatsApp does not hand over${reason === '' ? '' : `: ${cut(reason, 300)}`}]`,
    flags: ['unsupported'],
  };
}

function named(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, cut(value, 1_000)]])),
  );
}

/** Where the customer came from: an advertisement that opens a chat. */
export function referralOf(message: Json): Record<string, string> {
  const referral = objectAt(message, 'referral');
  const names = ['source_url', 'source_type', 'source_id', 'headline', 'ctwa_clid'];
  return named(Object.fromEntries(names.map((name) => [`referral_${name}`, textAt(referral, name)])));
}

/** True when a list of errors stands where a message should be. */
export function errorsOf(holder: Json): string {
  return listAt(holder, 'errors').length === 0
    ? ''
    : objectsAt(holder, 'errors')
        .map((error) =>
          `${textAt(error, 'code') ?? '?'} ${textAt(error, 'title') ?? textAt(error, 'message') ?? ''}`.trim(),
        )
        .join('; ');
}
