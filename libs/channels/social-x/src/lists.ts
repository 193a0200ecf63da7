import type { CapturedDelivery } from '@fanin/connector-kit';
import { orderKeyOf } from './capture.js';
import type { XClient } from './client.js';
import { at, recordOf, recordsOf, textOf, type Json } from './payload.js';
import { isId } from './snowflake.js';

/** One post or DM event of a list, with what belongs to it. */
export interface XItem {
  readonly id: string;
  readonly document: Json;
}

export interface ListPage {
  readonly items: readonly XItem[];
  readonly next: string | undefined;
}

export interface ListRequest {
  readonly userId: string;
  readonly token: string | undefined;
  readonly floor: string;
  readonly signal?: AbortSignal | undefined;
}

export const POST_FIELDS = {
  'tweet.fields':
    'attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,note_tweet,referenced_tweets',
  expansions: 'author_id,attachments.media_keys,referenced_tweets.id',
  'media.fields': 'media_key,type,url,variants,preview_image_url',
  'user.fields': 'name,username',
} as const;

export const MESSAGE_FIELDS = {
  'dm_event.fields': 'attachments,created_at,dm_conversation_id,entities,event_type,id,participant_ids,sender_id,text',
  expansions: 'attachments.media_keys,sender_id,participant_ids',
  'media.fields': 'media_key,type,url,variants,preview_image_url',
  'user.fields': 'name,username',
} as const;

const PAGE = '100';

/** Mentions of and replies to the account, newest first. */
export async function mentionsPage(client: XClient, { userId, token, floor, signal }: ListRequest): Promise<ListPage> {
  const since = floor === '0' ? undefined : floor;
  const query = { ...POST_FIELDS, max_results: PAGE, since_id: since, pagination_token: token };
  return pageOf(await client.call({ method: 'GET', path: `/2/users/${userId}/mentions`, query, as: 'user', signal }));
}

/** Direct messages of the last 30 days, newest first; X has no bound to ask for. */
export async function messagesPage(client: XClient, { token, signal }: ListRequest): Promise<ListPage> {
  const query = { ...MESSAGE_FIELDS, event_types: 'MessageCreate', max_results: PAGE, pagination_token: token };
  return pageOf(await client.call({ method: 'GET', path: '/2/dm_events', query, as: 'user', signal }));
}

export function pageOf(answer: unknown): ListPage {
  const includes = at(answer, 'includes');
  return {
    items: recordsOf(at(answer, 'data')).flatMap((data) =>
      isId(data.id) ? { id: data.id, document: { data, includes: includesOf(data, includes) } } : [],
    ),
    next: textOf(at(answer, 'meta', 'next_token')),
  };
}

/** What the API would have included had it been asked for this item alone. */
function includesOf(data: Json, includes: unknown): Json {
  const people = [data.author_id, data.sender_id, ...String(data.dm_conversation_id ?? '').split('-')];
  const keys = at(data, 'attachments', 'media_keys');
  const posts = recordsOf(data.referenced_tweets).map((each) => each.id);
  const of = (name: string, holds: (each: Json) => boolean): readonly Json[] =>
    recordsOf(at(includes, name)).filter(holds);
  return {
    users: of('users', ({ id }) => people.includes(id)),
    media: of('media', ({ media_key: key }) => Array.isArray(keys) && keys.includes(key)),
    tweets: of('tweets', ({ id }) => posts.includes(id)),
  };
}

/** An item as a delivery of its own, so that each has its fate. */
export function deliveryOf({ document }: XItem, userId: string): CapturedDelivery {
  const data = recordOf(document.data) ?? {};
  const pair = String(data.dm_conversation_id ?? '').split('-');
  const customer = [data.author_id, data.sender_id, ...pair].find((each) => isId(each) && each !== userId);
  const orderKey = orderKeyOf(customer);
  return {
    body: Buffer.from(JSON.stringify(document), 'utf8'),
    contentType: 'application/json',
    meta: { door: 'polling', for_user_id: userId },
    ...(orderKey === undefined ? {} : { orderKey }),
  };
}
