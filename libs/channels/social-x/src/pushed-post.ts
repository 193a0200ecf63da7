import { FaninError } from '@fanin/kernel';
import { pushedMedia } from './media-reference.js';
import { at, isoOfDate, isoOfMs, labelOf, recordOf, recordsOf, textOf, type Json } from './payload.js';
import { readable, type Link, type Post, type XUser } from './post.js';
import { isId } from './snowflake.js';

/** An entry of `tweet_create_events`. Throws BAD_PAYLOAD when it has no id or no author. */
export function pushedPost(entry: Json): Post {
  const id = entry.id_str;
  const author = pushedUser(entry.user);
  if (!isId(id)) throw new FaninError('BAD_PAYLOAD', 'a post has no id_str');
  if (author === undefined) throw new FaninError('BAD_PAYLOAD', 'a post has no author');
  // Long posts come cut short, with the whole beside (Account Activity API, "Support for Longform Posts").
  const long = recordOf(entry.extended_tweet) ?? entry;
  const quoted = recordOf(entry.quoted_status);
  const quotedId = entry.quoted_status_id_str ?? quoted?.id_str;
  return {
    id,
    text: readable(fullText(entry), linksOf(long.entities)),
    createdAt: isoOfMs(entry.timestamp_ms) ?? isoOfDate(entry.created_at),
    author,
    parentId: idOf(entry.in_reply_to_status_id_str),
    parentAuthorId: idOf(entry.in_reply_to_user_id_str),
    parentAuthorName: labelOf(entry.in_reply_to_screen_name, 50),
    source: labelOf(textOf(entry.source)?.replace(/<[^>]*>/g, ''), 100),
    rootId: undefined,
    quoted: isId(quotedId)
      ? { id: quotedId, text: quoted === undefined ? undefined : readable(fullText(quoted), linksOf(quoted.entities)) }
      : undefined,
    isRepost: recordOf(entry.retweeted_status) !== undefined,
    media: recordsOf(at(long, 'extended_entities', 'media') ?? at(entry, 'extended_entities', 'media')).flatMap(
      (each) => pushedMedia(each) ?? [],
    ),
    versions: versionsOf(entry, id),
  };
}

/** A user object of the older shape; its id is text in direct messages and `id_str` in posts. */
export function pushedUser(value: unknown): XUser | undefined {
  const user = recordOf(value);
  const id = user?.id_str ?? user?.id;
  if (!isId(id)) return undefined;
  return { id, name: labelOf(user?.name), username: labelOf(user?.screen_name, 50) };
}

function fullText(post: Json): string {
  return textOf(at(post, 'extended_tweet', 'full_text') ?? post.full_text ?? post.text) ?? '';
}

export function linksOf(entities: unknown): readonly Link[] {
  const links = recordsOf(at(entities, 'urls')).map((each) => ({
    short: textOf(each.url) ?? '',
    full: textOf(each.expanded_url),
    isMedia: false,
  }));
  const media = recordsOf(at(entities, 'media')).map((each) => ({
    short: textOf(each.url) ?? '',
    full: undefined,
    isMedia: true,
  }));
  return [...links, ...media];
}

function versionsOf(entry: Json, id: string): readonly string[] {
  const { edit_history: history } = entry;
  const listed = at(history, 'edit_tweet_ids') ?? entry.edit_history_tweet_ids;
  const ids = Array.isArray(listed) ? listed.filter(isId) : [];
  const first = at(history, 'initial_tweet_id');
  const all = isId(first) ? [first, ...ids, id] : [...ids, id];
  return [...new Set(all)];
}

function idOf(value: unknown): string | undefined {
  return isId(value) ? value : undefined;
}
