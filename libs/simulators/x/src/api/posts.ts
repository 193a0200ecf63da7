import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';
import type { Feed } from '../hooks/feed.js';
import type { Person } from '../world/people.js';
import type { Post } from '../world/posts.js';
import { weightOf } from '../world/text.js';
import type { XWorld } from '../world/world.js';
import { ANY_AUTH, USER_AUTH, userOf } from './endpoint.js';
import type { Call, Endpoint } from './endpoint.js';
import { iso, Objects, selectionOf, SHORT_TEXT } from './objects.js';
import { isRefused, pageOf } from './paging.js';
import { forbidden, invalidRequest, missingResource } from './problems.js';

const TIMELINE = { min: 5, max: 100, usual: 10, bounds: true };
const PREMIUM_TEXT = 25_000;
const DUPLICATE_WINDOW_MS = 86_400_000;
const MOST_IDS = 100;

export function postEndpoints(world: XWorld, feed: Feed): Endpoint[] {
  const reads = { auth: ANY_AUTH, readsPosts: true };
  return [
    { method: 'GET', path: '/2/users/:id/mentions', ...reads, answer: (call) => timeline(world, call, 'mentions') },
    { method: 'GET', path: '/2/users/:id/tweets', ...reads, answer: (call) => timeline(world, call, 'own') },
    { method: 'GET', path: '/2/tweets', ...reads, answer: (call) => lookUp(world, call) },
    { method: 'GET', path: '/2/tweets/:id', ...reads, answer: (call) => lookUpOne(world, call) },
    { method: 'POST', path: '/2/tweets', auth: USER_AUTH, answer: (call) => create(world, feed, call) },
    { method: 'DELETE', path: '/2/tweets/:id', auth: USER_AUTH, answer: (call) => remove(world, feed, call) },
  ];
}

function timeline(world: XWorld, call: Call, which: 'mentions' | 'own'): SimulatorReply {
  const id = call.params['id'] ?? '';
  const objects = new Objects(world, selectionOf(call.query));
  if (world.people.byId(id) === undefined) {
    objects.missing(missingResource('user', id));
    return jsonReply(200, objects.answer(undefined));
  }
  const all = which === 'mentions' ? world.posts.mentioning(id) : withoutExcluded(world.posts.by(id), call.query);
  const page = pageOf(all, call.query, TIMELINE);
  if (isRefused(page)) return page;
  world.usage.readPosts(page.items.map((post) => post.id));
  return jsonReply(
    200,
    objects.answer(
      page.items.map((post) => objects.post(post)),
      page.meta,
    ),
  );
}

function withoutExcluded(posts: Post[], query: URLSearchParams): Post[] {
  const excluded = (query.get('exclude') ?? '').split(',');
  return excluded.includes('replies') ? posts.filter((post) => post.replyTo === undefined) : posts;
}

function lookUpOne(world: XWorld, call: Call): SimulatorReply {
  const id = call.params['id'] ?? '';
  const objects = new Objects(world, selectionOf(call.query));
  const post = world.posts.find(id);
  if (post === undefined) objects.missing(missingResource('tweet', id));
  else world.usage.readPosts([post.id]);
  return jsonReply(200, objects.answer(post && objects.post(post)));
}

function lookUp(world: XWorld, call: Call): SimulatorReply {
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '');
  if (ids.length === 0 || ids.length > MOST_IDS) {
    return invalidRequest(
      `The number of values in the \`ids\` query parameter list [${ids.length}] is not between 1 and 100`,
    );
  }
  const objects = new Objects(world, selectionOf(call.query));
  const found = ids.flatMap((id) => {
    const post = world.posts.find(id);
    if (post === undefined) objects.missing(missingResource('tweet', id, 'ids'));
    return post === undefined ? [] : [post];
  });
  world.usage.readPosts(found.map((post) => post.id));
  return jsonReply(200, objects.answer(found.map((post) => objects.post(post))));
}

function create(world: XWorld, feed: Feed, call: Call): SimulatorReply {
  const author = userOf(call);
  const { text } = call.body;
  if (typeof text !== 'string' || text.trim() === '') {
    return invalidRequest('One of `text` or `media` is required', { text: [String(text ?? '')] });
  }
  if (weightOf(text) > (author.premium ? PREMIUM_TEXT : SHORT_TEXT)) {
    return forbidden(
      'Your Tweet text is too long. For more information, see the documentation on counting characters.',
    );
  }
  const replyTo = parentOf(world, call.body);
  if (replyTo === null) return forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
  if (replyTo !== undefined && !mayReply(author, replyTo)) return forbidden(REPLY_REFUSED);
  if (isDuplicate(world, author, text, replyTo)) {
    return forbidden('You are not allowed to create a Tweet with duplicate content.');
  }
  const atMs = world.clock.now();
  const shown = replyTo === undefined ? text : withMention(world, text, author, replyTo);
  const post = world.posts.add({
    author,
    text: shown,
    atMs,
    viaApp: true,
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  world.usage.wrote();
  world.sent.push({
    kind: 'post',
    id: post.id,
    at: iso(atMs),
    account_id: author.id,
    text,
    conversation_id: post.conversationId,
    ...(replyTo === undefined ? {} : { in_reply_to: replyTo.id }),
  });
  feed.posted(post);
  return jsonReply(201, { data: { id: post.id, text: post.text, edit_history_tweet_ids: post.history } });
}

const REPLY_REFUSED =
  'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.';

/** undefined: no reply; null: to something that is not there. */
function parentOf(world: XWorld, body: Record<string, unknown>): Post | undefined | null {
  const { reply } = body as { reply?: { in_reply_to_tweet_id?: unknown } };
  if (reply?.in_reply_to_tweet_id === undefined) return undefined;
  return world.posts.find(String(reply.in_reply_to_tweet_id)) ?? null;
}

function mayReply(author: Person, parent: Post): boolean {
  return parent.replySettings === 'everyone' || parent.authorId === author.id || parent.mentionedIds.has(author.id);
}

/** X writes the name of whom a reply answers in front of it, unless it is there already. */
function withMention(world: XWorld, text: string, author: Person, parent: Post): string {
  const answered = world.people.byId(parent.authorId);
  if (answered === undefined || answered.id === author.id) return text;
  return text.toLowerCase().includes(`@${answered.username.toLowerCase()}`) ? text : `@${answered.username} ${text}`;
}

function isDuplicate(world: XWorld, author: Person, text: string, parent: Post | undefined): boolean {
  const since = world.clock.now() - DUPLICATE_WINDOW_MS;
  const shown = parent === undefined ? text : withMention(world, text, author, parent);
  return world.posts
    .by(author.id)
    .some((post) => post.createdAtMs > since && post.text === shown && post.replyTo?.postId === parent?.id);
}

function remove(world: XWorld, feed: Feed, call: Call): SimulatorReply {
  const author = userOf(call);
  const id = call.params['id'] ?? '';
  const post = world.posts.find(id);
  if (post === undefined) return jsonReply(200, { data: { deleted: false } });
  if (post.authorId !== author.id) return forbidden('You are not authorized to delete this Tweet.');
  world.posts.remove(post);
  world.sent.push({ kind: 'delete', id, at: iso(world.clock.now()), account_id: author.id });
  feed.deleted(post);
  return jsonReply(200, { data: { deleted: true } });
}
