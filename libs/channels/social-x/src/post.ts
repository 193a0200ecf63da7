import type { RemoteAttachment } from '@fanin/connector-kit';

/** A post as both doors tell of it: the pushed one in X's older shape, the polled one in that of API v2. */
export interface Post {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string | undefined;
  readonly author: XUser;
  /** The post that it answers, and who wrote that. */
  readonly parentId: string | undefined;
  readonly parentAuthorId: string | undefined;
  readonly parentAuthorName: string | undefined;
  /** Name of the tool that it was written with; only a pushed post tells it. */
  readonly source: string | undefined;
  /** Root of the whole conversation; only a polled post tells it. */
  readonly rootId: string | undefined;
  readonly quoted: { readonly id: string; readonly text: string | undefined } | undefined;
  readonly isRepost: boolean;
  readonly media: readonly RemoteAttachment[];
  /** Ids of all versions, oldest first, its own among them. */
  readonly versions: readonly string[];
}

export interface XUser {
  readonly id: string;
  readonly name: string | undefined;
  readonly username: string | undefined;
}

/** A post holds `&amp;`, `&lt;` and `&gt;` in place of these characters, in both shapes. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Words of the author: links as he wrote them in place of t.co, without the links that only stand for his pictures. */
export function readable(text: string, links: readonly Link[]): string {
  let result = text;
  for (const { short, full, isMedia } of links) {
    if (short === '') continue;
    result = result.replaceAll(short, () => (isMedia ? '' : (full ?? short)));
  }
  return unescaped(result).trim();
}

export interface Link {
  readonly short: string;
  readonly full: string | undefined;
  readonly isMedia: boolean;
}
