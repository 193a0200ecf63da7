import type { RemoteAttachment } from '@fanin/connector-kit';
import { cut, objectAt, objectsAt, textAt, type Json } from '../wire/json.js';
import { linkRef } from '../media/ref.js';

/** What the attachments of a message add to it. */
export interface ReadAttachments {
  readonly attachments: readonly RemoteAttachment[];
  /** Lines for what is no file: a place, a shared link. */
  readonly lines: readonly string[];
  readonly flags: readonly string[];
}

/** Kinds whose payload.url is a file at Meta's, and what it most likely is; the fetch tells what it was. */
const FILES: Readonly<Record<string, readonly [string, string]>> = {
  image: ['image/jpeg', 'jpg'],
  video: ['video/mp4', 'mp4'],
  audio: ['audio/mp4', 'm4a'],
  file: ['application/octet-stream', ''],
  story_mention: ['image/jpeg', 'jpg'],
  ig_story: ['image/jpeg', 'jpg'],
  share: ['application/octet-stream', ''],
  ig_reel: ['video/mp4', 'mp4'],
  reel: ['video/mp4', 'mp4'],
  ig_post: ['image/jpeg', 'jpg'],
  ephemeral: ['image/jpeg', 'jpg'],
};
/** Their link leads to somebody's post as often as to a file: it is also written into the text. */
const SHARES = new Set(['share', 'ig_reel', 'reel', 'ig_post']);
const MAX_ATTACHMENTS = 100;

/** Reads `message.attachments`. `mid` lets the media source ask again when a link has ended. */
export function readAttachments(message: Json, mid: string): ReadAttachments {
  const attachments: RemoteAttachment[] = [];
  const lines: string[] = [];
  const flags = new Set<string>();
  for (const [index, attachment] of objectsAt(message, 'attachments').slice(0, MAX_ATTACHMENTS).entries()) {
    const type = textAt(attachment, 'type') ?? 'unknown';
    const payload = objectAt(attachment, 'payload');
    const url = textAt(payload, 'url');
    lines.push(...linesOf(type, attachment, payload, url));
    for (const flag of flagsOf(type, payload)) flags.add(flag);
    const file = Object.hasOwn(FILES, type) ? FILES[type] : undefined;
    if (file !== undefined && url !== undefined && URL.canParse(url))
      attachments.push(remoteFile(url, { type, mid, index, file }));
  }
  return { attachments, lines, flags: [...flags] };
}

function remoteFile(
  url: string,
  from: {
    readonly type: string;
    readonly mid: string;
    readonly index: number;
    readonly file: readonly [string, string];
  },
): RemoteAttachment {
  const { type, mid, index, file } = from;
  const [contentType, extension] = file;
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  const made = `${type}-${index + 1}${extension === '' ? '' : `.${extension}`}`;
  const name = /^[\w.,()@ +-]{1,120}\.[A-Za-z0-9]{1,8}$/.test(last) ? last : made;
  return { ref: linkRef(mid, index, url), name, content_type: contentType, inline: false };
}

function linesOf(type: string, attachment: Json, payload: Json | undefined, url: string | undefined): string[] {
  if (type === 'location') {
    const coordinates = objectAt(payload, 'coordinates');
    const place = ['lat', 'long'].map((name) => String(coordinates?.[name] ?? '?')).join(', ');
    const title = textAt(attachment, 'title') ?? textAt(payload, 'title');
    return [`[location] ${cut(place, 80)}${title === undefined ? '' : ` ${cut(title, 200)}`}`];
  }
  if (type === 'story_mention') return ['[mentioned you in a story]'];
  if (type === 'fallback' || SHARES.has(type)) {
    const link = url ?? textAt(attachment, 'url');
    const title = textAt(payload, 'title') ?? textAt(attachment, 'title');
    return [cut(['[share]', title, link].filter((part) => part !== undefined && part !== '').join(' '), 2_000)];
  }
  if (Object.hasOwn(FILES, type)) return [];
  return [`[${cut(type, 60)}] ${cut(textAt(attachment, 'title') ?? textAt(payload, 'text') ?? '', 500)}`.trim()];
}

function flagsOf(type: string, payload: Json | undefined): string[] {
  if (payload?.['sticker_id'] !== undefined) return ['sticker'];
  if (type === 'story_mention') return ['story_mention'];
  if (type === 'location') return ['location'];
  if (type === 'fallback' || SHARES.has(type)) return ['share'];
  return type === 'ephemeral' ? ['ephemeral'] : [];
}
