import { FaninError } from '@fanin/kernel';
import { polledMedia } from './media-reference.js';
import { at, isoOfDate, labelOf, recordOf, recordsOf, textOf, type Json } from './payload.js';
import { readable, type Link, type Post, type XUser } from './post.js';
import { isId } from './snowflake.js';

/** `{data, includes}` as API v2 shows one post. Throws BAD_PAYLOAD when it has no id or no author. */
export function polledPost(document: Json): Post {
  const post = recordOf(document.data) ?? {};
  const { includes } = document;
  const { id, author_id: authorId } = post;
  if (!isId(id)) throw new FaninError('BAD_PAYLOAD', 'a post has no id');
  if (!isId(authorId)) throw new FaninError('BAD_PAYLOAD', 'a post has no author_id');
  const references = recordsOf(post.referenced_tweets);
  const reference = (type: string): string | undefined => {
    const found = references.find((each) => each.type === type)?.id;
    return isId(found) ? found : undefined;
  };
  const quotedId = reference('quoted');
  const quoted = recordsOf(at(includes, 'tweets')).find((each) => each.id === quotedId);
  const versions = Array.isArray(post.edit_history_tweet_ids) ? post.edit_history_tweet_ids.filter(isId) : [];
  return {
    id,
    text: wordsOf(post),
    createdAt: isoOfDate(post.created_at),
    author: polledUser(includes, authorId),
    parentId: reference('replied_to'),
    parentAuthorId: isId(post.in_reply_to_user_id) ? post.in_reply_to_user_id : undefined,
    parentAuthorName: undefined,
    source: undefined,
    rootId: isId(post.conversation_id) ? post.conversation_id : undefined,
    quoted:
      quotedId === undefined ? undefined : { id: quotedId, text: quoted === undefined ? undefined : wordsOf(quoted) },
    isRepost: reference('retweeted') !== undefined,
    media: includedMedia(document),
    versions: [...new Set([...versions, id])],
  };
}

/** Text of a post of API v2: the whole of a long one. */
export function wordsOf(post: Json): string {
  const long = recordOf(post.note_tweet);
  return readable(textOf(long?.text ?? post.text) ?? '', linksOf(long?.entities ?? post.entities));
}

export function polledUser(includes: unknown, id: string): XUser {
  const user = recordsOf(at(includes, 'users')).find((each) => each.id === id);
  return { id, name: labelOf(user?.name), username: labelOf(user?.username, 50) };
}

/** Media of `data.attachments.media_keys`, in their order. */
export function includedMedia(document: Json): Post['media'] {
  const keys = at(document, 'data', 'attachments', 'media_keys');
  const media = recordsOf(at(document, 'includes', 'media'));
  return (Array.isArray(keys) ? (keys as unknown[]) : []).flatMap((key) => {
    const found = media.find((each) => each.media_key === key);
    return found === undefined ? [] : (polledMedia(found) ?? []);
  });
}

function linksOf(entities: unknown): readonly Link[] {
  return recordsOf(at(entities, 'urls')).map((each) => {
    const full = textOf(each.expanded_url);
    const isMedia = each.media_key !== undefined || /\/status\/\d+\/(photo|video)\/\d+$/.test(full ?? '');
    return { short: textOf(each.url) ?? '', full, isMedia };
  });
}
