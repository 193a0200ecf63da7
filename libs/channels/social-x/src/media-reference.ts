import type { RemoteAttachment } from '@fanin/connector-kit';
import { at, labelOf, recordsOf, type Json } from './payload.js';

/** Hosts that X serves media from; nothing else is fetched. */
const HOSTS = /(^|\.)(twimg\.com|twitter\.com|x\.com)$/;
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp4: 'video/mp4',
};

export function isMediaHost(host: string): boolean {
  return HOSTS.test(host);
}

/** An entry of `extended_entities.media`, or of a direct message's `attachment.media`, in the older shape. */
export function pushedMedia(entry: Json): RemoteAttachment | undefined {
  const video = bestVariant(at(entry, 'video_info', 'variants'), 'bitrate');
  return remote(video ?? entry.media_url_https ?? entry.media_url, entry.id_str);
}

/** An entry of `includes.media`. */
export function polledMedia(entry: Json): RemoteAttachment | undefined {
  const video = bestVariant(entry.variants, 'bit_rate');
  return remote(video ?? entry.url ?? entry.preview_image_url, entry.media_key);
}

function bestVariant(variants: unknown, rate: string): unknown {
  const videos = recordsOf(variants).filter((each) => each.content_type === 'video/mp4');
  const rateOf = (each: Json): number => Number(each[rate] ?? 0) || 0;
  return videos.sort((one, other) => rateOf(other) - rateOf(one))[0]?.url;
}

/** The address is the reference: the same in a push and in a list. Its query (a tag, a size) is not part of the file. */
function remote(address: unknown, id: unknown): RemoteAttachment | undefined {
  if (typeof address !== 'string' || address.length > 1000 || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const last = labelOf(
    url.pathname
      .split('/')
      .at(-1)
      ?.replace(/[^\w.-]/g, '_'),
    100,
  );
  const name = last ?? `media-${labelOf(id, 60)?.replace(/[^\w.-]/g, '_') ?? 'x'}`;
  const type = TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
  return { ref: `${url.origin}${url.pathname}`, name, content_type: type, inline: false };
}
