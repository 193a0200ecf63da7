import type { RemoteAttachment } from '@fanin/connector-kit';
import { isIdentifier, optional, text, type Json } from './update.js';

/** Files of a message by the field they come in, with the name and type they get when the sender gave none. */
const FILES: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  document: { name: 'document', type: 'application/octet-stream' },
  voice: { name: 'voice.ogg', type: 'audio/ogg' },
  audio: { name: 'audio.mp3', type: 'audio/mpeg' },
  video: { name: 'video.mp4', type: 'video/mp4' },
  video_note: { name: 'video-note.mp4', type: 'video/mp4' },
  animation: { name: 'animation.mp4', type: 'video/mp4' },
  sticker: { name: 'sticker.webp', type: 'image/webp' },
};

/** A `file_id` has letters, digits, - and _; it is also all that `media` takes. */
export const FILE_ID = /^[A-Za-z0-9_-]{1,255}$/;

export function attachmentsOf(message: Json): readonly RemoteAttachment[] {
  const photo = largestPhoto(message['photo']);
  const found = photo === undefined ? [] : [remote(photo, { name: 'photo.jpg', type: 'image/jpeg' })];
  for (const [field, fallback] of Object.entries(FILES)) {
    // An animation comes a second time as `document`, for old readers.
    if (field === 'document' && message['animation'] !== undefined) continue;
    const file = optional(message[field]);
    if (file !== undefined) found.push(remote(file, field === 'sticker' ? stickerKind(file) : fallback));
  }
  return found.filter(({ ref }) => FILE_ID.test(ref));
}

function remote(file: Json, fallback: { readonly name: string; readonly type: string }): RemoteAttachment {
  return {
    ref: text(file['file_id']),
    name: fileName(text(file['file_name'])) || fallback.name,
    content_type: text(file['mime_type']).slice(0, 255) || fallback.type,
    inline: false,
  };
}

/** A photo comes in several sizes; they are copies of one picture. */
function largestPhoto(sizes: unknown): Json | undefined {
  if (!Array.isArray(sizes)) return undefined;
  const area = (size: Json): number => Number(size['width']) * Number(size['height']) || 0;
  return sizes
    .map(optional)
    .filter((size) => size !== undefined)
    .reduce<Json | undefined>((best, size) => (best === undefined || area(size) > area(best) ? size : best), undefined);
}

function stickerKind(sticker: Json): { readonly name: string; readonly type: string } {
  if (sticker['is_video'] === true) return { name: 'sticker.webm', type: 'video/webm' };
  if (sticker['is_animated'] === true) return { name: 'sticker.tgs', type: 'application/x-tgsticker' };
  return { name: 'sticker.webp', type: 'image/webp' };
}

function fileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const shown = [...last.replace(/\p{Cc}|\p{Cf}/gu, '').trim()].slice(0, 255).join('');
  return /^\.*$/.test(shown) ? '' : shown;
}

/** The words of a message; places and contacts are put into words, they are what the customer said. */
export function wordsOf(message: Json): string {
  const said = text(message['text']) || text(message['caption']);
  const sticker = text(optional(message['sticker'])?.['emoji']);
  return said || placeOf(message) || contactOf(message) || sticker;
}

function placeOf(message: Json): string {
  const venue = optional(message['venue']);
  const place = optional(message['location']) ?? optional(venue?.['location']);
  const { latitude, longitude } = place ?? {};
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return '';
  const named = [text(venue?.['title']), text(venue?.['address'])].filter((part) => part !== '');
  return [...named, `${latitude}, ${longitude}`].join('\n');
}

function contactOf(message: Json): string {
  const contact = optional(message['contact']);
  const parts = ['first_name', 'last_name', 'phone_number'].map((name) => text(contact?.[name]));
  return parts.filter((part) => part !== '').join(' ');
}

/** https://core.telegram.org/bots/api#message: what the application says about a chat; nobody wrote it. */
const SERVICE =
  /^(new_chat_|left_chat_|delete_chat_photo$|(group|supergroup|channel)_chat_created$|message_auto_delete_timer_changed$|migrate_(to|from)_chat_id$|pinned_message$|(general_)?forum_topic_|video_chat_|boost_added$|chat_background_set$|write_access_allowed$|(users|chat)_shared$|connected_website$|giveaway|passport_data$|proximity_alert_triggered$)/;

export function serviceFieldOf(message: Json): string | undefined {
  return Object.keys(message).find((field) => SERVICE.test(field));
}

/** A place that moves is sent as an edit every few seconds. */
export function isLiveLocation(message: Json): boolean {
  const place = optional(message['location']);
  return place !== undefined && (isIdentifier(place['live_period']) || isIdentifier(message['edit_date']));
}
