import type { MessageDraft } from '@fanin/connector-kit';
import {
  commentWindows,
  customerOf,
  draftOf,
  idAt,
  ignored,
  LIVE_MS,
  mentionRef,
  needTime,
  newsId,
  objectAt,
  objectsAt,
  optionalIdAt,
  ourselves,
  SEVEN_DAYS_MS,
  textAt,
  type DirectAccount,
  type Json,
  type Part,
} from '@fanin/meta';

/** Field `comments` or `live_comments` (instagram-platform/webhooks/examples): new ones only; edits and removals are not told. */
export function readComment(account: DirectAccount, value: Json, entryTime: unknown, live: boolean): Part {
  const id = idAt(value, 'id');
  const from = objectAt(value, 'from');
  const author = optionalIdAt(from, 'id');
  const byUs = author === account.id;
  const top = optionalIdAt(value, 'parent_id') ?? id;
  if (byUs && top === id) return ignored('own_comment', id);
  // A comment carries no time of its own; the entry's is when Meta sent it.
  const time = needTime(value['timestamp'], value['created_time'], entryTime);
  const media = objectAt(value, 'media');
  const us = ourselves(account);
  const draft = draftOf({
    provider_message_id: id,
    conversation_key: `comment:${top}`,
    sender: byUs ? us : customerOf(account, author ?? `comment:${id}`, textAt(from, 'username') ?? null),
    to: us,
    provider_time: time,
    text: textAt(value, 'text') ?? '',
    references: top === id ? [] : [top],
    flags: [...(live ? ['live_comment'] : []), ...(author === undefined ? ['sender_unknown'] : [])],
    visibility: 'public',
    provider_fields: {
      platform: account.platform,
      surface: 'comment',
      account: account.id,
      comment_id: id,
      top_comment_id: top,
      window_from: time,
      ...(live ? { live: 'true' } : {}),
      ...present({
        customer: author,
        media_id: optionalIdAt(media, 'id'),
        media_type: textAt(media, 'media_product_type'),
      }),
    },
  });
  if (byUs) return { messages: [{ ...draft, recipients: [], author: 'account', flags: [...draft.flags, 'echo'] }] };
  return { messages: [{ ...draft, reply_windows: commentWindows(time, live ? LIVE_MS : SEVEN_DAYS_MS) }] };
}

function present(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value.slice(0, 500)]])),
  );
}

/**
 * Field `mentions`: somebody named the account in a comment or caption elsewhere. Meta tells ids only; who and what is
 * fetched as an attachment, so that normalising stays pure.
 */
export function readMention(account: DirectAccount, value: Json, entryTime: unknown): Part {
  const mediaId = idAt(value, 'media_id');
  const commentId = optionalIdAt(value, 'comment_id');
  const id = newsId('mention', mediaId, commentId ?? '');
  const time = needTime(value['timestamp'], entryTime);
  const draft: MessageDraft = draftOf({
    provider_message_id: id,
    conversation_key: commentId === undefined ? `post:${mediaId}` : `comment:${commentId}`,
    sender: customerOf(account, `mention:${commentId ?? mediaId}`),
    to: ourselves(account),
    provider_time: time,
    text: commentId === undefined ? '[mentioned you in a caption]' : '[mentioned you in a comment]',
    attachments: [
      { ref: mentionRef(mediaId, commentId), name: 'mention.txt', content_type: 'text/plain', inline: false },
    ],
    flags: ['mention', 'sender_unknown'],
    visibility: 'public',
    reply_windows: commentWindows(time, undefined),
    provider_fields: {
      platform: account.platform,
      surface: 'mention',
      account: account.id,
      media_id: mediaId,
      window_from: time,
      ...(commentId === undefined ? {} : { comment_id: commentId }),
    },
  });
  return { messages: [draft] };
}

/** For the order key: the thread of each comment; tolerant of everything. */
export function* commentConversationsOf(entry: Json): Generator<string> {
  for (const change of objectsAt(entry, 'changes')) {
    const value = objectAt(change, 'value');
    yield optionalIdAt(value, 'parent_id') ?? optionalIdAt(value, 'id') ?? optionalIdAt(value, 'comment_id') ?? '';
  }
}
