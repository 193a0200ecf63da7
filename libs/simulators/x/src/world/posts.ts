import { compareIds } from './ids.js';
import type { Snowflakes } from './ids.js';
import type { Media } from './media.js';
import type { People, Person } from './people.js';

export type ReplySettings = 'everyone' | 'mentionedUsers' | 'following';

export interface Post {
  id: string;
  authorId: string;
  text: string;
  createdAtMs: number;
  conversationId: string;
  replyTo?: { postId: string; authorId: string };
  /** Whom it mentions: by @name, or by replying to them. */
  mentionedIds: Set<string>;
  media: Media[];
  replySettings: ReplySettings;
  /** Ids of all its versions, oldest first, its own included. */
  history: string[];
  deleted: boolean;
  /** A newer version took its place: found by id, listed no more. */
  superseded: boolean;
  /** Written through the app, thus by our side. */
  viaApp: boolean;
}

export interface PostDraft {
  author: Person;
  text: string;
  atMs: number;
  replyTo?: Post;
  media?: Media[];
  replySettings?: ReplySettings;
  edits?: Post;
  viaApp?: boolean;
}

/** "Up to the most recent 800" mentions, 3,200 of one's own posts (docs.x.com, timelines). */
const MENTIONS_REACH = 800;
const OWN_POSTS_REACH = 3200;

export const MENTION = /(^|[^A-Za-z0-9_@])@([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_])/g;

export class Posts {
  private readonly byId = new Map<string, Post>();

  constructor(
    private readonly ids: Snowflakes,
    private readonly people: People,
  ) {}

  add(draft: PostDraft): Post {
    const id = this.ids.at(draft.atMs);
    const replyTo =
      draft.edits?.replyTo ?? (draft.replyTo && { postId: draft.replyTo.id, authorId: draft.replyTo.authorId });
    const post: Post = {
      id,
      authorId: draft.author.id,
      text: draft.text,
      createdAtMs: draft.atMs,
      conversationId: draft.edits?.conversationId ?? draft.replyTo?.conversationId ?? id,
      mentionedIds: this.mentionedIn(draft.text),
      media: draft.media ?? draft.edits?.media ?? [],
      replySettings: draft.replySettings ?? 'everyone',
      history: [...(draft.edits?.history ?? []), id],
      deleted: false,
      superseded: false,
      viaApp: draft.viaApp ?? false,
      ...(replyTo === undefined ? {} : { replyTo }),
    };
    if (replyTo !== undefined && replyTo.authorId !== post.authorId) post.mentionedIds.add(replyTo.authorId);
    for (const old of post.history.slice(0, -1)) {
      const version = this.byId.get(old);
      if (version === undefined) continue;
      version.superseded = true;
      version.history = post.history;
    }
    this.byId.set(id, post);
    return post;
  }

  /** Not the deleted ones. */
  find(id: string): Post | undefined {
    const post = this.byId.get(id);
    return post?.deleted === true ? undefined : post;
  }

  remove(post: Post): void {
    post.deleted = true;
    for (const media of post.media) media.gone = true;
  }

  /** Newest first. */
  mentioning(personId: string): Post[] {
    return this.listed((post) => post.mentionedIds.has(personId) && post.authorId !== personId).slice(
      0,
      MENTIONS_REACH,
    );
  }

  /** Newest first. */
  by(personId: string): Post[] {
    return this.listed((post) => post.authorId === personId).slice(0, OWN_POSTS_REACH);
  }

  clear(): void {
    this.byId.clear();
  }

  private listed(wanted: (post: Post) => boolean): Post[] {
    const found = [...this.byId.values()].filter((post) => !post.deleted && !post.superseded && wanted(post));
    return found.sort((a, b) => compareIds(b.id, a.id));
  }

  private mentionedIn(text: string): Set<string> {
    const found = new Set<string>();
    for (const match of text.matchAll(MENTION)) {
      const person = this.people.byUsername(match[2] ?? '');
      if (person !== undefined) found.add(person.id);
    }
    return found;
  }
}
