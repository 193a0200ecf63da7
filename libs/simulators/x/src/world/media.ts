import { ControlError } from '@fanin/simulators/core';
import type { SeededRandom } from '@fanin/simulators/core';
import type { Snowflakes } from './ids.js';

export type MediaType = 'photo' | 'video' | 'animated_gif';

export interface Media {
  id: string;
  /** `3_…` photo, `7_…` video, `16_…` animated GIF. */
  key: string;
  type: MediaType;
  contentType: string;
  bytes: Buffer;
  /** The file's name at the vendor. */
  resource: string;
  altText?: string;
  /** The direct message that it belongs to: such media need the token of one of the two. */
  dmId?: string;
  gone: boolean;
}

/** What a control call may attach; without `base64`, a small picture. */
export interface MediaDraft {
  type?: MediaType;
  content_type?: string;
  base64?: string;
  alt_text?: string;
}

const KEY_PREFIX: Record<MediaType, string> = { photo: '3', video: '7', animated_gif: '16' };
const EXTENSIONS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'video/mp4': 'mp4' };
/** One red pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';

export class MediaShelf {
  private readonly byResource = new Map<string, Media>();

  constructor(
    private readonly ids: Snowflakes,
    private readonly random: SeededRandom,
  ) {}

  /** `drafts` as a control call brings them. */
  add(drafts: unknown, atMs: number, dmId?: string): Media[] {
    if (drafts === undefined) return [];
    if (!Array.isArray(drafts)) throw new ControlError('"media" must be a list: [{"type":"photo"}]');
    return drafts.map((draft: MediaDraft) => this.addOne(draft, atMs, dmId));
  }

  byName(resource: string): Media | undefined {
    return this.byResource.get(resource);
  }

  clear(): void {
    this.byResource.clear();
  }

  private addOne(draft: MediaDraft, atMs: number, dmId: string | undefined): Media {
    const type = draft.type ?? 'photo';
    if (!(type in KEY_PREFIX)) throw new ControlError('"type" of a medium must be photo, video or animated_gif');
    const contentType = draft.content_type ?? (type === 'photo' ? 'image/png' : 'video/mp4');
    const id = this.ids.at(atMs);
    const media: Media = {
      id,
      key: `${KEY_PREFIX[type]}_${id}`,
      type,
      contentType,
      bytes: Buffer.from(draft.base64 ?? PIXEL, 'base64'),
      resource: `${this.random.text(15, 'ABCDEFGHabcdefgh0123456789')}.${EXTENSIONS[contentType] ?? 'bin'}`,
      gone: false,
      ...(draft.alt_text === undefined ? {} : { altText: draft.alt_text }),
      ...(dmId === undefined ? {} : { dmId }),
    };
    this.byResource.set(media.resource, media);
    return media;
  }
}

export interface MediaHosts {
  photos: string;
  videos: string;
  directMessages: string;
}

/** The vendor's own hosts; a simulator told so puts its own address in their place. */
export const VENDOR_MEDIA_HOSTS: MediaHosts = {
  photos: 'https://pbs.twimg.com',
  videos: 'https://video.twimg.com',
  directMessages: 'https://ton.twitter.com',
};

export function mediaUrl(media: Media, hosts: MediaHosts): string {
  if (media.dmId !== undefined) {
    return `${hosts.directMessages}/1.1/ton/data/dm/${media.dmId}/${media.id}/${media.resource}`;
  }
  return media.type === 'photo'
    ? `${hosts.photos}/media/${media.resource}`
    : `${hosts.videos}/tweet_video/${media.resource}`;
}

/** What stands for a film where only a picture can. */
export function previewUrl(media: Media, hosts: MediaHosts): string {
  return media.type === 'photo' ? mediaUrl(media, hosts) : `${hosts.photos}/tweet_video_thumb/${media.resource}`;
}
