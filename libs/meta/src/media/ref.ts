/** What an attachment's `ref` says: a link, and the message to ask for a new one; or the id of WhatsApp media. */
export type MediaRef =
  | { readonly kind: 'link'; readonly mid: string; readonly index: number; readonly url: string }
  | { readonly kind: 'media'; readonly id: string }
  | { readonly kind: 'mention'; readonly mediaId: string; readonly commentId: string | undefined };

export function linkRef(mid: string, index: number, url: string): string {
  return `link:${index}:${encodeURIComponent(mid)}:${url}`;
}

export function mediaRef(id: string): string {
  return `media:${id}`;
}

export function mentionRef(mediaId: string, commentId: string | undefined): string {
  return `mention:${mediaId}:${commentId ?? ''}`;
}

export function readRef(ref: string): MediaRef | undefined {
  const link = /^link:(\d{1,4}):([^:]*):(.+)$/s.exec(ref);
  if (link !== null)
    return { kind: 'link', index: Number(link[1]), mid: decodeURIComponent(link[2] ?? ''), url: link[3] ?? '' };
  const media = /^media:(.+)$/s.exec(ref)?.[1];
  if (media !== undefined) return { kind: 'media', id: media };
  const mention = /^mention:([^:]+):([^:]*)$/s.exec(ref);
  if (mention === null) return undefined;
  return { kind: 'mention', mediaId: mention[1] ?? '', commentId: mention[2] === '' ? undefined : mention[2] };
}
