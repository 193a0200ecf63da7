import { ControlError } from '@fanin/simulators/core';
import type { Feed } from './hooks/feed.js';
import type { MediaDraft } from './world/media.js';
import type { Person, Who } from './world/people.js';
import type { Post, PostDraft, ReplySettings } from './world/posts.js';
import type { XWorld } from './world/world.js';

interface Base {
  /** The customer. */
  from: Who;
  /** Which of our accounts; default: the first. */
  to?: string;
}

interface Written {
  text: string;
  media?: MediaDraft[];
  /** When it was written, ISO 8601 or epoch milliseconds; default: now. It is delivered now. */
  at?: string | number;
}

/** What somebody out there does. `POST /_control/inbound` takes the same. */
export type XInbound =
  /** A post that names the account; `@account` is put in front when the text does not. */
  | (Base & Written & { kind: 'mention'; reply_settings?: ReplySettings })
  /** An answer to a post; default: the account's newest. */
  | (Base & Written & { kind: 'reply'; in_reply_to?: string; reply_settings?: ReplySettings })
  | (Base & Written & { kind: 'dm' })
  /** The customer edits a post: a new id takes the old one's place. */
  | (Base & Written & { kind: 'edit'; id: string })
  /** Default: the customer's newest post. */
  | (Base & { kind: 'delete'; id?: string })
  | (Base & { kind: 'typing' })
  /** Default: the newest message that the account sent to the customer. */
  | (Base & { kind: 'read'; last_read_event_id?: string })
  /** Default: the account's newest post. */
  | (Base & { kind: 'like'; id?: string })
  | (Base & { kind: 'follow' })
  /** Somebody uses the account by hand, in X's own app: a post (or a reply), a direct message to `to_user`. */
  | (Written & { kind: 'own_post'; account?: string; in_reply_to?: string })
  | (Written & { kind: 'own_dm'; account?: string; to_user: Who });

export interface XMade {
  /** Of the post, message or like; of the person for `typing` and `follow`. */
  id: string;
  /** Id of the customer (of the account, for what is done by hand). */
  user_id: string;
  conversation_id?: string;
}

type Body = Record<string, unknown>;

const KINDS = ['mention', 'reply', 'dm', 'edit', 'delete', 'typing', 'read', 'like', 'follow', 'own_post', 'own_dm'];

export class Inbound {
  constructor(
    private readonly world: XWorld,
    private readonly feed: Feed,
  ) {}

  /** Stores it and tells the webhooks. */
  take(body: Body): XMade {
    const { people } = this.world;
    switch (body['kind']) {
      case 'own_post':
        return this.write(people.account(body['account']), body, this.postOrNothing(body['in_reply_to']));
      case 'own_dm':
        return this.message(people.account(body['account']), people.meet(body['to_user'], 'to_user'), body);
      default:
        return this.byCustomer(body, people.account(body['to']));
    }
  }

  private byCustomer(body: Body, account: Person): XMade {
    if (!KINDS.includes(String(body['kind']))) throw new ControlError(`"kind" must be one of ${KINDS.join(', ')}`);
    const from = this.world.people.meet(body['from'], 'from');
    switch (body['kind']) {
      case 'mention':
        return this.write(from, { ...body, text: naming(account, textOf(body)) });
      case 'reply':
        return this.reply(from, account, body);
      case 'dm':
        return this.message(from, account, body);
      case 'edit':
        return this.edit(from, body);
      case 'delete':
        return this.remove(from, body);
      case 'typing':
        this.feed.typing(from, account);
        return { id: from.id, user_id: from.id };
      case 'read':
        return this.read(from, account, body);
      case 'like':
        return this.like(from, account, body);
      default:
        this.feed.followed(from, account);
        return { id: from.id, user_id: from.id };
    }
  }

  private reply(from: Person, account: Person, body: Body): XMade {
    const parent = this.postOrNothing(body['in_reply_to']) ?? this.world.posts.by(account.id)[0];
    if (parent === undefined) {
      throw new ControlError(`@${account.username} has written nothing yet: give "in_reply_to", or use "mention"`);
    }
    const answered = this.world.people.byId(parent.authorId) ?? account;
    return this.write(from, { ...body, text: naming(answered, textOf(body)) }, parent);
  }

  private edit(from: Person, body: Body): XMade {
    const old = this.post(body['id']);
    if (old.authorId !== from.id) throw new ControlError(`post ${old.id} is not by @${from.username}`);
    return this.write(from, body, undefined, old);
  }

  private write(author: Person, body: Body, replyTo?: Post, edits?: Post): XMade {
    const atMs = this.timeOf(body);
    const settings = body['reply_settings'] as ReplySettings | undefined;
    const media = this.world.media.add(body['media'], atMs);
    const draft: PostDraft = {
      author,
      text: textOf(body),
      atMs,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(edits === undefined ? {} : { edits }),
      ...(media.length === 0 ? {} : { media }),
      ...(settings === undefined ? {} : { replySettings: settings }),
    };
    const post = this.world.posts.add(draft);
    this.feed.posted(post);
    return { id: post.id, user_id: author.id, conversation_id: post.conversationId };
  }

  private message(from: Person, to: Person, body: Body): XMade {
    const message = this.world.message(from, to, textOf(body), this.timeOf(body), { media: body['media'] });
    this.feed.messaged(message);
    return { id: message.id, user_id: from.id, conversation_id: message.conversationId };
  }

  private remove(from: Person, body: Body): XMade {
    const post = this.postOrNothing(body['id']) ?? this.world.posts.by(from.id)[0];
    if (post === undefined || post.authorId !== from.id) {
      throw new ControlError(`@${from.username} has no such post to delete`);
    }
    this.world.posts.remove(post);
    this.feed.deleted(post);
    return { id: post.id, user_id: from.id, conversation_id: post.conversationId };
  }

  private read(from: Person, account: Person, body: Body): XMade {
    const newest = this.world.dms
      .of(account.id, this.world.clock.now())
      .find((message) => message.senderId === account.id && message.recipientId === from.id);
    const id = typeof body['last_read_event_id'] === 'string' ? body['last_read_event_id'] : newest?.id;
    if (id === undefined) throw new ControlError(`@${account.username} has sent @${from.username} nothing to read`);
    this.feed.read(from, account, id);
    return { id, user_id: from.id };
  }

  private like(from: Person, account: Person, body: Body): XMade {
    const post = this.postOrNothing(body['id']) ?? this.world.posts.by(account.id)[0];
    if (post === undefined) throw new ControlError(`@${account.username} has written nothing to like: give "id"`);
    return { id: this.feed.liked(from, post), user_id: from.id };
  }

  private post(id: unknown): Post {
    const found = typeof id === 'string' ? this.world.posts.find(id) : undefined;
    if (found === undefined) throw new ControlError(`there is no post ${String(id)}`);
    return found;
  }

  private postOrNothing(id: unknown): Post | undefined {
    return id === undefined ? undefined : this.post(id);
  }

  private timeOf(body: Body): number {
    const { at } = body;
    if (at === undefined) return this.world.clock.now();
    const ms = typeof at === 'number' ? at : Date.parse(String(at));
    if (Number.isNaN(ms)) throw new ControlError('"at" must be ISO 8601 or epoch milliseconds');
    return ms;
  }
}

function textOf(body: Body): string {
  const { text } = body;
  if (typeof text !== 'string') throw new ControlError('"text" must be a string');
  return text;
}

function naming(person: Person, text: string): string {
  return text.toLowerCase().includes(`@${person.username.toLowerCase()}`) ? text : `@${person.username} ${text}`.trim();
}
