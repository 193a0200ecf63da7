import { invalidParameter, unknownNode } from '../errors.js';
import { newCommentId } from '../inbound/comments.js';
import type { Account, MetaChannel, Post, StoredComment } from '../model.js';
import { DAY_MS } from '../options.js';
import { afterComment } from '../receipts.js';
import type { Stage } from '../stage.js';
import { graphTime, nextPage, page, parseFields, project } from './fields.js';
import type { FieldWish, NodeFields } from './fields.js';
import { neededText, textParam } from './request.js';
import type { GraphCallContext } from './request.js';

export function commentOf(stage: Stage, call: GraphCallContext, id: string): StoredComment | undefined {
  const comment = stage.world.comments.get(id);
  return comment === undefined || comment.removed || call.user?.accountIds.has(comment.accountId) !== true
    ? undefined
    : comment;
}

/** POST /{comment-id}/comments (Page), POST /{ig-comment-id}/replies: a public answer. */
export function answerPublicly(stage: Stage, call: GraphCallContext, comment: StoredComment): unknown {
  const account = stage.registry.account(comment.accountId);
  const post = stage.world.post(account, comment.postId);
  // A reply to a reply stands under the top comment.
  const channel = account.kind === 'page' ? 'page_comment' : 'instagram_comment';
  const parentId = account.kind === 'instagram' ? (comment.parentId ?? comment.id) : comment.id;
  return addOurs(stage, call, account, post, { channel, parentId, answers: comment.id });
}

/** POST /{page-post-id}/comments, POST /{ig-media-id}/comments: a comment of ours on the post itself. */
export function commentOnPost(stage: Stage, call: GraphCallContext, account: Account, post: Post): unknown {
  return addOurs(stage, call, account, post, {
    channel: account.kind === 'page' ? 'page_comment' : 'instagram_comment',
  });
}

/** POST /{ig-id}/mentions: an answer to a comment or caption in which the account is mentioned. */
export function answerMention(stage: Stage, call: GraphCallContext, account: Account): unknown {
  const post = stage.world.posts.get(neededText(call, 'media_id'));
  if (post?.accountId !== account.id) throw invalidParameter('Invalid media_id parameter');
  const commentId = textParam(call, 'comment_id');
  if (commentId !== undefined && commentOf(stage, call, commentId)?.postId !== post.id)
    throw invalidParameter('Invalid comment_id parameter');
  const parent = commentId === undefined ? {} : { parentId: commentId, answers: commentId };
  return addOurs(stage, call, account, post, { channel: 'instagram_mention', ...parent });
}

function addOurs(
  stage: Stage,
  call: GraphCallContext,
  account: Account,
  post: Post,
  how: { channel: MetaChannel; parentId?: string; answers?: string },
): unknown {
  const text = textParam(call, 'message');
  const photo = textParam(call, 'attachment_url');
  if ((text === undefined || text === '') && (photo === undefined || account.kind === 'instagram')) {
    throw invalidParameter('The parameter message is required.');
  }
  const comment: StoredComment = {
    id: newCommentId(stage, account, post),
    platform: account.kind === 'page' ? 'page' : 'instagram',
    accountId: account.id,
    postId: post.id,
    fromId: account.id,
    fromName: account.kind === 'page' ? account.name : (account.instagram?.username ?? account.name),
    text: text ?? '',
    at: stage.world.now(),
    removed: false,
    mention: false,
    live: false,
    privatelyAnswered: false,
    ...(how.parentId === undefined ? {} : { parentId: how.parentId }),
    ...(photo === undefined ? {} : { photo }),
  };
  stage.world.comments.set(comment.id, comment);
  stage.world.sent.push({
    id: comment.id,
    at: new Date(comment.at).toISOString(),
    app_id: call.app.options.id,
    channel: how.channel,
    account_id: account.id,
    kind: 'comment',
    text: comment.text,
    ...(photo === undefined ? {} : { attachments: [{ type: 'image', url: photo }] }),
    ...(how.answers === undefined ? {} : { comment_id: how.answers }),
    request: call.params,
  });
  afterComment(stage, account, post, comment);
  return { id: comment.id };
}

const usualFields = (platform: StoredComment['platform']): string =>
  platform === 'page' ? 'created_time,from,message' : 'timestamp,text';

/** GET /{comment-id}. */
export function readComment(stage: Stage, call: GraphCallContext, comment: StoredComment): unknown {
  const wishes = parseFields(textParam(call, 'fields') ?? usualFields(comment.platform));
  return project(commentNode(stage, call, comment), wishes);
}

/** GET /{comment-id}/comments or /replies, GET /{post-id}/comments: oldest first. */
export function listComments(stage: Stage, call: GraphCallContext, ofId: string, wish?: FieldWish): unknown {
  const all = [...stage.world.comments.values()].filter(
    (comment) =>
      !comment.removed && (comment.parentId === ofId || (comment.postId === ofId && comment.parentId === undefined)),
  );
  const asked = wish === undefined ? textParam(call, 'fields') : undefined;
  const wishes = wish?.children ?? parseFields(asked ?? usualFields(all[0]?.platform ?? 'page'));
  const paged = wish?.args ?? { limit: textParam(call, 'limit'), after: textParam(call, 'after') };
  return page(
    all.map((comment) => project(commentNode(stage, call, comment), wishes)),
    paged,
    (after) => nextPage(stage, call, `${ofId}/comments`, after),
  );
}

function commentNode(stage: Stage, call: GraphCallContext, comment: StoredComment): NodeFields {
  const replies = (wish: FieldWish) => listComments(stage, call, comment.id, wish);
  const count = [...stage.world.comments.values()].filter(
    (other) => other.parentId === comment.id && !other.removed,
  ).length;
  const shared = { id: comment.id, like_count: 0, parent_id: comment.parentId };
  if (comment.platform === 'instagram') {
    return {
      ...shared,
      text: comment.text,
      timestamp: graphTime(comment.at),
      username: comment.fromName,
      from: { id: comment.fromId, username: comment.fromName },
      media: { id: comment.postId, media_product_type: comment.live ? 'LIVE' : 'FEED' },
      hidden: false,
      replies,
    };
  }
  const answerable =
    !comment.privatelyAnswered && comment.fromId !== comment.accountId && stage.world.now() - comment.at <= 7 * DAY_MS;
  return {
    ...shared,
    message: comment.text,
    created_time: graphTime(comment.at),
    from: { name: comment.fromName, id: comment.fromId },
    parent: comment.parentId === undefined ? undefined : { id: comment.parentId },
    object: { id: comment.postId },
    permalink_url: `https://www.facebook.com/${comment.postId.replace('_', '/posts/')}?comment_id=${comment.id.split('_').at(-1)}`,
    attachment: comment.photo === undefined ? undefined : { type: 'photo', url: comment.photo },
    can_reply_privately: answerable,
    comment_count: count,
    is_hidden: false,
    comments: replies,
  };
}

/** DELETE /{comment-id}: ours or a customer's, on our own post. */
export function deleteComment(stage: Stage, call: GraphCallContext, comment: StoredComment): unknown {
  if (comment.mention) throw unknownNode(call.method, comment.id);
  comment.removed = true;
  return { success: true };
}
