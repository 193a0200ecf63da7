import { ControlError } from '@fanin/simulators/core';
import { feedUpdate, instagramCommentUpdate, mentionUpdate } from '../events/comments.js';
import type { Account, Post, StoredComment } from '../model.js';
import type { Stage } from '../stage.js';
import type { CommentInbound, InboundResult } from './bodies.js';
import { blobOf, needed, personOf, timeOf } from './shared.js';

/** Somebody comments on a Page post or Instagram media, or mentions the account on their own. */
export function commentInbound(stage: Stage, body: CommentInbound): InboundResult {
  const account = stage.registry.accountOf(body.channel === 'page_comment' ? 'page' : 'instagram', body.account);
  const at = timeOf(stage, body.at);
  const kind = body.kind ?? 'add';
  if (kind === 'broadcast_end') return ends(stage, account, body, at);
  if (kind === 'edited' || kind === 'remove') return changes(stage, account, body, kind, at);
  if (body.channel === 'instagram_mention') return mentions(stage, account, body, at);
  const parent = body.parent === undefined ? undefined : stage.world.comments.get(body.parent);
  const live = body.live === true;
  const post = stage.world.post(account, body.post ?? parent?.postId, live ? { live } : {});
  const comment = addComment(stage, account, post, body, { at, live, mention: false });
  stage.outbox.post(
    account.kind === 'page' ? feedUpdate(account, post, comment, 'add', at) : instagramCommentUpdate(account, comment),
  );
  return resultOf(account, comment, at);
}

function addComment(
  stage: Stage,
  account: Account,
  post: Post,
  body: CommentInbound,
  more: { at: number; live: boolean; mention: boolean },
): StoredComment {
  const person = personOf(stage, account, body.from);
  const photo =
    body.photo === undefined
      ? undefined
      : (body.photo.url ?? stage.links.cdn(blobOf(stage, account, 'image', body.photo, 365)));
  const comment: StoredComment = {
    id: newCommentId(stage, account, post),
    platform: account.kind === 'page' ? 'page' : 'instagram',
    accountId: account.id,
    postId: post.id,
    fromId: person.id,
    fromName: account.kind === 'page' ? person.name : (person.username ?? person.name),
    text: body.text ?? 'Is this still in stock?',
    removed: false,
    privatelyAnswered: false,
    ...more,
    ...(body.parent === undefined ? {} : { parentId: body.parent }),
    ...(photo === undefined ? {} : { photo }),
  };
  stage.world.comments.set(comment.id, comment);
  return comment;
}

export function newCommentId(stage: Stage, account: Account, post: Post): string {
  if (account.kind === 'instagram') return stage.world.ids.igObject();
  return `${post.id.split('_').at(-1)}_${stage.world.ids.digits(15)}`;
}

function mentions(stage: Stage, account: Account, body: CommentInbound, at: number): InboundResult {
  const person = personOf(stage, account, body.from);
  const owner = person.username ?? person.name;
  const text = body.text ?? `@${account.instagram?.username ?? account.name} do you ship to Norway?`;
  const inCaption = body.in === 'caption';
  const post = stage.world.post(account, body.post, { owner, at, ...(inCaption ? { text } : {}) });
  if (inCaption) {
    stage.outbox.post(mentionUpdate(account, post.id, undefined, at));
    return { id: post.id, from: person.id, account: account.id, at: new Date(at).toISOString(), post_id: post.id };
  }
  const comment = addComment(
    stage,
    account,
    post,
    { ...body, text, from: { id: person.id } },
    { at, live: false, mention: true },
  );
  stage.outbox.post(mentionUpdate(account, post.id, comment.id, at));
  return resultOf(account, comment, at);
}

/** Pages tell of edits and removals; at Instagram the comment changes and nobody is told. */
function changes(
  stage: Stage,
  account: Account,
  body: CommentInbound,
  verb: 'edited' | 'remove',
  at: number,
): InboundResult {
  const id = needed(body.comment, 'comment', verb);
  const comment = stage.world.comments.get(id);
  if (comment?.accountId !== account.id) throw new ControlError(`no comment ${id} at account ${account.id}`);
  if (verb === 'edited') comment.text = needed(body.text, 'text', verb);
  else comment.removed = true;
  if (account.kind === 'page') {
    const post = stage.world.post(account, comment.postId);
    stage.outbox.post(feedUpdate(account, post, comment, verb, at));
  }
  return resultOf(account, comment, at);
}

function ends(stage: Stage, account: Account, body: CommentInbound, at: number): InboundResult {
  const post = stage.world.posts.get(needed(body.post, 'post', 'broadcast_end'));
  if (post === undefined) throw new ControlError(`no broadcast ${String(body.post)}`);
  post.live = false;
  return { id: post.id, from: '', account: account.id, at: new Date(at).toISOString(), post_id: post.id };
}

function resultOf(account: Account, comment: StoredComment, at: number): InboundResult {
  const when = new Date(at).toISOString();
  return { id: comment.id, from: comment.fromId, account: account.id, at: when, post_id: comment.postId };
}
