import type { MessageDraft, RemoteAttachment } from '@fanin/connector-kit';
import {
  amendment,
  commentWindows,
  customerOf,
  draftOf,
  idAt,
  ignored,
  linkRef,
  needTime,
  newsId,
  objectAt,
  objectsAt,
  optionalIdAt,
  ourselves,
  SEVEN_DAYS_MS,
  textAt,
  timeOf,
  type DirectAccount,
  type Json,
  type Part,
} from '@fanin/meta';
import { createHash } from 'node:crypto';

/** A comment of field `feed` (graph-api/webhooks/reference/page, feed). */
interface Comment {
  readonly page: DirectAccount;
  readonly value: Json;
  readonly id: string;
  readonly postId: string | undefined;
  /** The comment that the thread hangs on. */
  readonly top: string;
  readonly from: string | undefined;
  readonly byPage: boolean;
  readonly time: string;
}

/** One change of `entry[].changes[]`. */
export function readChange(page: DirectAccount, change: Json, entryTime: unknown): Part {
  const field = textAt(change, 'field') ?? '';
  const value = objectAt(change, 'value');
  if (field !== 'feed') return ignored('unknown_field', `changes: ${field}`);
  const item = textAt(value, 'item') ?? '';
  const verb = textAt(value, 'verb') ?? '';
  if (item !== 'comment' || value === undefined) return ignored('feed_item', `${item} ${verb}`);
  const comment = commentOf(page, value, entryTime);
  switch (verb) {
    case 'add':
      return added(comment);
    case 'edited':
    case 'edit':
      return { messages: [edited(comment)] };
    case 'remove':
    case 'delete':
      return { messages: [removed(comment)] };
    case 'hide':
    case 'unhide':
      return ignored('comment_hidden', `${verb} ${comment.id}`);
    default:
      return ignored('unknown_field', `feed: comment ${verb}`);
  }
}

function commentOf(page: DirectAccount, value: Json, entryTime: unknown): Comment {
  const id = idAt(value, 'comment_id');
  const from = optionalIdAt(objectAt(value, 'from'), 'id');
  return {
    page,
    value,
    id,
    postId: optionalIdAt(value, 'post_id'),
    top: topOf(value, id),
    from,
    byPage: from === page.id,
    time: needTime(value['created_time'], entryTime),
  };
}

/** The parent of a top comment is the post itself. */
function topOf(value: Json, id: string): string {
  const parent = optionalIdAt(value, 'parent_id');
  return parent === undefined || parent === optionalIdAt(value, 'post_id') ? id : parent;
}

function added(comment: Comment): Part {
  const { id, top, byPage, time } = comment;
  // What the Page says under its own post answers nobody.
  if (byPage && top === id) return ignored('own_comment', id);
  const draft = draftFor(comment, id);
  if (byPage) return { messages: [{ ...draft, author: 'account', flags: ['echo'] }] };
  return { messages: [{ ...draft, reply_windows: commentWindows(time, SEVEN_DAYS_MS) }] };
}

function draftFor(comment: Comment, providerId: string): MessageDraft {
  const { page, value, id, top, byPage, time, from, postId } = comment;
  const photo = textAt(value, 'photo') ?? textAt(value, 'video');
  const drafted = draftOf({
    provider_message_id: providerId,
    conversation_key: `comment:${top}`,
    sender: byPage ? ourselves(page) : authorOf(comment),
    to: ourselves(page),
    provider_time: time,
    text: textAt(value, 'message') ?? '',
    attachments: photo === undefined ? [] : [fileOf(photo, id, textAt(value, 'video') !== undefined)],
    references: top === id ? [] : [top],
    flags: from === undefined ? ['sender_unknown'] : [],
    visibility: 'public',
    provider_fields: {
      platform: page.platform,
      surface: 'comment',
      account: page.id,
      comment_id: id,
      top_comment_id: top,
      window_from: time,
      ...(from === undefined ? {} : { customer: from }),
      ...(postId === undefined ? {} : { post_id: postId }),
      ...linkOf(value),
    },
  });
  // Whom the Page answers is not told; the conversation is known by its key.
  return byPage ? { ...drafted, recipients: [] } : drafted;
}

/** Without the right to read user content Meta leaves `from` out: then each comment has an author of its own. */
function authorOf({ page, from, id, value }: Comment): MessageDraft['sender'] {
  return customerOf(page, from ?? `comment:${id}`, textAt(objectAt(value, 'from'), 'name') ?? null);
}

function fileOf(url: string, commentId: string, isVideo: boolean): RemoteAttachment {
  const [name, contentType] = isVideo ? ['comment.mp4', 'video/mp4'] : ['comment.jpg', 'image/jpeg'];
  return { ref: linkRef(commentId, 0, url), name, content_type: contentType, inline: false };
}

function linkOf(value: Json): Record<string, string> {
  const permalink = textAt(objectAt(value, 'post'), 'permalink_url');
  return permalink === undefined || permalink.length > 1_000 ? {} : { post_url: permalink };
}

/** Two edits of one comment are told apart by their time and words: there is no count. */
function edited(comment: Comment): MessageDraft {
  const { value, id } = comment;
  const text = textAt(value, 'message') ?? '';
  const mark = createHash('sha256')
    .update(`${timeOf(value['created_time']) ?? ''}\n${text}`)
    .digest('hex')
    .slice(0, 16);
  const { attachments: _, ...draft } = draftFor(comment, newsId(id, 'edited', mark));
  return withAuthor(comment, { ...draft, attachments: [], amends: amendment(id, 'edited') });
}

function removed(comment: Comment): MessageDraft {
  const draft = draftFor(comment, newsId(comment.id, 'remove'));
  return withAuthor(comment, { ...draft, text: '', attachments: [], amends: amendment(comment.id, 'deleted') });
}

function withAuthor({ byPage }: Comment, draft: MessageDraft): MessageDraft {
  return byPage ? { ...draft, author: 'account' } : draft;
}

/** For the order key: the thread of each comment; tolerant of everything. */
export function* commentConversationsOf(entry: Json): Generator<string> {
  for (const change of objectsAt(entry, 'changes')) {
    const value = objectAt(change, 'value');
    yield value === undefined ? '' : topOf(value, optionalIdAt(value, 'comment_id') ?? '');
  }
}
