import type { MessageDraft } from '@fanin/connector-kit';
import type { Party } from '@fanin/contracts';
import type { DirectMessage } from './direct-message.js';
import type { Post, XUser } from './post.js';

/** The account that a delivery is read for. */
export interface OwnAccount {
  readonly userId: string;
  readonly username: string | undefined;
  /** The X app by which Fanin writes, as X names it; without them nobody can tell our own words from those of another tool. */
  readonly appId: string | undefined;
  readonly appName: string | undefined;
}

/** Users of X have one id everywhere, so one customer is one person whichever account he writes to. */
export function partyOf({ id, name, username }: XUser): Party {
  return { kind: 'social', id: `x:${id}`, name: name ?? (username === undefined ? null : `@${username}`) };
}

function ownParty({ userId, username }: OwnAccount): Party {
  return partyOf({ id: userId, name: undefined, username });
}

const NOTHING: Pick<
  MessageDraft,
  'subject' | 'html' | 'quoted_text' | 'attachments' | 'automatic' | 'delivery_report' | 'flags' | 'sender_verified'
> = {
  subject: null,
  html: null,
  quoted_text: null,
  attachments: [],
  automatic: null,
  delivery_report: null,
  flags: [],
  // X vouches for who wrote.
  sender_verified: true,
};

/**
 * Where a post belongs, from what both doors tell: a pushed post names the one that it answers, but not the root of the
 * conversation, so the root is only known of posts that are one or answer one. Under a post of ours each customer has a
 * conversation of his own; what is deeper down finds its ticket by the post that it answers.
 */
export function conversationOf(post: Post, own: OwnAccount): string {
  if (post.parentId === undefined) return `post:${post.versions[0] ?? post.id}`;
  return post.parentAuthorId === own.userId ? `post:${post.parentId}:${post.author.id}` : `post:${post.parentId}`;
}

/**
 * The message that a post is. An edited post is a new post at X, and the first version may never have come (it may not have
 * mentioned us, or we were down): so every version carries the first one too, which the ticket core knows or takes in.
 */
export function postDrafts(post: Post, own: OwnAccount): readonly MessageDraft[] {
  const first = post.versions[0] ?? post.id;
  const references = [post.parentId, post.quoted?.id, post.rootId].filter((id) => id !== undefined && id !== post.id);
  const draft: MessageDraft = {
    ...NOTHING,
    provider_message_id: first,
    conversation_key: conversationOf(post, own),
    sender: partyOf(post.author),
    recipients: [{ ...ownParty(own), role: 'to' }],
    text: post.text,
    quoted_text: post.quoted?.text ?? null,
    attachments: post.media,
    provider_time: post.createdAt ?? null,
    threading: {
      reply_token: null,
      references: [...new Set(references.filter((id) => id !== undefined && id !== first))].filter(
        (id): id is string => id !== undefined,
      ),
      subject_base: null,
    },
    flags: post.quoted === undefined ? [] : ['quote'],
    provider_fields: fieldsOf(post),
    visibility: 'public',
  };
  if (first === post.id) return [draft];
  const edit: MessageDraft = {
    ...draft,
    provider_message_id: post.id,
    attachments: [],
    amends: { provider_message_id: first, change: 'edited', value: null },
  };
  return [draft, edit];
}

function fieldsOf(post: Post): Readonly<Record<string, string>> {
  return {
    kind: 'post',
    post_id: post.id,
    author_id: post.author.id,
    ...(post.author.username === undefined ? {} : { author_username: post.author.username }),
    ...(post.rootId === undefined ? {} : { conversation_id: post.rootId }),
    ...(post.versions.length < 2 ? {} : { edit_history: post.versions.join(',') }),
  };
}

/** News that a post is gone. X tells it of posts of the account; where it tells it of others, it is the customer's. */
export function deletionDraft(
  deleted: { readonly id: string; readonly userId: string; readonly at: string | undefined },
  own: OwnAccount,
): MessageDraft {
  const isOwn = deleted.userId === own.userId;
  return {
    ...NOTHING,
    provider_message_id: `${deleted.id}:deleted`,
    conversation_key: `post:${deleted.id}`,
    sender: isOwn ? ownParty(own) : partyOf({ id: deleted.userId, name: undefined, username: undefined }),
    recipients: isOwn ? [] : [{ ...ownParty(own), role: 'to' }],
    text: '',
    provider_time: deleted.at ?? null,
    threading: { reply_token: null, references: [deleted.id], subject_base: null },
    provider_fields: { kind: 'deletion', post_id: deleted.id },
    visibility: 'public',
    amends: { provider_message_id: deleted.id, change: 'deleted', value: null },
    ...(isOwn ? { author: 'account' as const } : {}),
  };
}

export function messageDraft(message: DirectMessage, own: OwnAccount): MessageDraft {
  const { sender } = message;
  return {
    ...NOTHING,
    provider_message_id: message.id,
    conversation_key: `dm:${message.conversationId}`,
    sender: partyOf(sender),
    recipients: [{ ...ownParty(own), role: 'to' }],
    text: message.text,
    attachments: message.media,
    provider_time: message.createdAt ?? null,
    threading: { reply_token: null, references: [], subject_base: null },
    provider_fields: {
      kind: 'dm',
      author_id: sender.id,
      ...(sender.username === undefined ? {} : { author_username: sender.username }),
      dm_conversation_id: message.conversationId,
    },
    visibility: 'private',
  };
}

/** What somebody wrote for the account with another tool, X's own app for one; undefined when it is, or may be, our own. */
export function echoOfAnotherTool(post: Post, own: OwnAccount): MessageDraft | undefined {
  const { parentAuthorId: to, parentAuthorName: name } = post;
  if (own.appName === undefined || post.source === undefined || post.source === own.appName) return undefined;
  // A post to nobody, or to ourselves, is no answer to a customer.
  if (to === undefined || to === own.userId) return undefined;
  const [draft] = postDrafts(post, own);
  if (draft === undefined || post.versions.length > 1) return undefined;
  const customer = partyOf({ id: to, name: undefined, username: name });
  return { ...draft, author: 'account', recipients: [{ ...customer, role: 'to' }] };
}

export function messageOfAnotherTool(message: DirectMessage, own: OwnAccount): MessageDraft | undefined {
  const { recipient, isPushed, sourceAppId } = message;
  if (own.appId === undefined || !isPushed || sourceAppId === own.appId || recipient === undefined) return undefined;
  return { ...messageDraft(message, own), author: 'account', recipients: [{ ...partyOf(recipient), role: 'to' }] };
}
