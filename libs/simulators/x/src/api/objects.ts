import { mediaUrl, previewUrl } from '../world/media.js';
import type { Media } from '../world/media.js';
import type { DirectMessage } from '../world/direct-messages.js';
import type { Person } from '../world/people.js';
import type { Post } from '../world/posts.js';
import type { XWorld } from '../world/world.js';
import { mentionsIn } from '../world/text.js';
import { missingResource } from './problems.js';

type Wire = Record<string, unknown>;

/** What a call wants to see beyond the default fields. */
export interface Selection {
  post: ReadonlySet<string>;
  user: ReadonlySet<string>;
  media: ReadonlySet<string>;
  dm: ReadonlySet<string>;
  expansions: ReadonlySet<string>;
}

export function selectionOf(query: URLSearchParams): Selection {
  const list = (name: string): Set<string> => new Set((query.get(name) ?? '').split(',').filter((one) => one !== ''));
  const [post, dm, expansions] = [list('tweet.fields'), list('dm_event.fields'), list('expansions')];
  // An expansion brings along the field that it expands.
  for (const expansion of expansions) {
    const field = expansion.split('.')[0] ?? '';
    const name = field === 'referenced_tweets' || field === 'attachments' || field === 'entities' ? field : expansion;
    post.add(name);
    dm.add(name);
  }
  return { post, user: list('user.fields'), media: list('media.fields'), dm, expansions };
}

/** Beyond this, `text` is cut and the whole is in `note_tweet`. */
export const SHORT_TEXT = 280;

export function shortText(text: string): string {
  const characters = [...text];
  return characters.length <= SHORT_TEXT ? text : `${characters.slice(0, SHORT_TEXT - 1).join('')}…`;
}

/** Builds the objects of one answer, and gathers what goes to `includes` and `errors`. */
export class Objects {
  private readonly users = new Map<string, Wire>();
  private readonly posts = new Map<string, Wire>();
  private readonly media = new Map<string, Wire>();
  private readonly errors = new Map<string, Wire>();

  constructor(
    private readonly world: XWorld,
    private readonly wants: Selection,
  ) {}

  post(post: Post): Wire {
    this.expandPost(post);
    const fields = this.postFields(post);
    const chosen = Object.entries(fields).filter(([name, value]) => this.wants.post.has(name) && value !== undefined);
    return {
      id: post.id,
      text: shortText(post.text),
      edit_history_tweet_ids: [...post.history],
      ...Object.fromEntries(chosen),
    };
  }

  user(person: Person): Wire {
    const fields: Wire = {
      created_at: iso(person.createdAtMs),
      protected: false,
      verified: person.premium,
      description: '',
      profile_image_url: 'https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png',
      public_metrics: { followers_count: 0, following_count: 0, tweet_count: 0, listed_count: 0 },
    };
    const chosen = Object.entries(fields).filter(([name]) => this.wants.user.has(name));
    return { id: person.id, name: person.name, username: person.username, ...Object.fromEntries(chosen) };
  }

  dm(message: DirectMessage): Wire {
    if (this.wants.expansions.has('sender_id')) this.includeUser(message.senderId);
    if (this.wants.expansions.has('participant_ids')) this.includeUser(message.recipientId);
    if (this.wants.expansions.has('attachments.media_keys')) message.media.forEach((one) => this.includeMedia(one));
    const fields: Wire = {
      created_at: iso(message.createdAtMs),
      dm_conversation_id: message.conversationId,
      sender_id: message.senderId,
      participant_ids: [message.senderId, message.recipientId],
      attachments: message.media.length === 0 ? undefined : { media_keys: message.media.map((one) => one.key) },
    };
    const chosen = Object.entries(fields).filter(([name, value]) => this.wants.dm.has(name) && value !== undefined);
    return { id: message.id, event_type: 'MessageCreate', text: message.text, ...Object.fromEntries(chosen) };
  }

  missing(problem: Wire & { value: string }): void {
    this.errors.set(problem.value, problem);
  }

  /** `data` with `includes`, `errors` and `meta`, each only when there is something in it. */
  answer(data: Wire | Wire[] | undefined, meta?: Wire): Wire {
    const includes = {
      ...(this.users.size > 0 ? { users: [...this.users.values()] } : {}),
      ...(this.posts.size > 0 ? { tweets: [...this.posts.values()] } : {}),
      ...(this.media.size > 0 ? { media: [...this.media.values()] } : {}),
    };
    const empty = data === undefined || (Array.isArray(data) && data.length === 0);
    return {
      ...(empty ? {} : { data }),
      ...(Object.keys(includes).length > 0 ? { includes } : {}),
      ...(this.errors.size > 0 ? { errors: [...this.errors.values()] } : {}),
      ...(meta === undefined ? {} : { meta }),
    };
  }

  private postFields(post: Post): Wire {
    const mentions = mentionsIn(post.text, this.world.people).map(({ start, end, person }) => ({
      start,
      end,
      username: person.username,
      id: person.id,
    }));
    const entities = mentions.length === 0 ? undefined : { mentions };
    return {
      author_id: post.authorId,
      created_at: iso(post.createdAtMs),
      conversation_id: post.conversationId,
      in_reply_to_user_id: post.replyTo?.authorId,
      referenced_tweets: post.replyTo && [{ type: 'replied_to', id: post.replyTo.postId }],
      attachments: post.media.length === 0 ? undefined : { media_keys: post.media.map((one) => one.key) },
      entities,
      note_tweet: shortText(post.text) === post.text ? undefined : { text: post.text, ...(entities && { entities }) },
      lang: 'und',
      possibly_sensitive: false,
      reply_settings: post.replySettings,
      public_metrics: { retweet_count: 0, reply_count: 0, like_count: 0, quote_count: 0, impression_count: 0 },
    };
  }

  private expandPost(post: Post): void {
    const { expansions } = this.wants;
    if (expansions.has('author_id')) this.includeUser(post.authorId);
    if (expansions.has('in_reply_to_user_id')) this.includeUser(post.replyTo?.authorId);
    if (expansions.has('entities.mentions.username')) post.mentionedIds.forEach((id) => this.includeUser(id));
    if (expansions.has('attachments.media_keys')) post.media.forEach((one) => this.includeMedia(one));
    if (!expansions.has('referenced_tweets.id') || post.replyTo === undefined) return;
    const parent = this.world.posts.find(post.replyTo.postId);
    if (parent === undefined) {
      return this.missing(missingResource('tweet', post.replyTo.postId, 'referenced_tweets.id'));
    }
    if (expansions.has('referenced_tweets.id.author_id')) this.includeUser(parent.authorId);
    if (this.posts.has(parent.id)) return;
    // Only one step: what the parent answers to is not expanded in turn.
    const flat = new Objects(this.world, { ...this.wants, expansions: new Set() });
    this.posts.set(parent.id, flat.post(parent));
  }

  private includeUser(id: string | undefined): void {
    const person = id === undefined ? undefined : this.world.people.byId(id);
    if (person !== undefined) this.users.set(person.id, this.user(person));
  }

  private includeMedia(media: Media): void {
    const hosts = this.world.mediaHosts();
    const url = mediaUrl(media, hosts);
    const fields: Wire = {
      url: media.type === 'photo' ? url : undefined,
      preview_image_url: media.type === 'photo' ? undefined : previewUrl(media, hosts),
      variants: media.type === 'photo' ? undefined : [{ bit_rate: 0, content_type: media.contentType, url }],
      alt_text: media.altText,
    };
    const chosen = Object.entries(fields).filter(([name, value]) => this.wants.media.has(name) && value !== undefined);
    this.media.set(media.key, { media_key: media.key, type: media.type, ...Object.fromEntries(chosen) });
  }
}

export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
