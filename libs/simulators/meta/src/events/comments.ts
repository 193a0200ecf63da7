import type { Account, Post, StoredComment, Update } from '../model.js';

const change = (account: Account, at: number, field: string, value: unknown): Update => ({
  object: account.object,
  entryId: account.entryId,
  field,
  list: 'changes',
  at,
  item: { field, value },
});

/** Field `feed`: a comment on a Page post was added, edited or removed. */
export function feedUpdate(
  account: Account,
  post: Post,
  comment: StoredComment,
  verb: 'add' | 'edited' | 'remove',
  at: number,
) {
  const text = verb === 'remove' ? {} : { message: comment.text };
  const photo = comment.photo === undefined || verb === 'remove' ? {} : { photo: comment.photo };
  return change(account, at, 'feed', {
    from: { id: comment.fromId, name: comment.fromName },
    post: {
      status_type: 'mobile_status_update',
      is_published: true,
      updated_time: new Date(post.at).toISOString().replace(/\.\d+Z$/, '+0000'),
      permalink_url: `https://www.facebook.com/${post.id.replace('_', '/posts/')}`,
      promotion_status: 'inactive',
      id: post.id,
    },
    ...text,
    ...photo,
    post_id: post.id,
    comment_id: comment.id,
    created_time: Math.floor(at / 1000),
    item: 'comment',
    parent_id: comment.parentId ?? post.id,
    verb,
  });
}

/** Fields `comments` and `live_comments`. Instagram tells only of new ones: edits and removals send nothing. */
export function instagramCommentUpdate(account: Account, comment: StoredComment): Update {
  return change(account, comment.at, comment.live ? 'live_comments' : 'comments', {
    from: { id: comment.fromId, username: comment.fromName },
    media: { id: comment.postId, media_product_type: comment.live ? 'LIVE' : 'FEED' },
    id: comment.id,
    ...(comment.parentId === undefined ? {} : { parent_id: comment.parentId }),
    text: comment.text,
  });
}

/** Field `mentions`: only ids; text and author are asked for with `mentioned_comment` or `mentioned_media`. */
export function mentionUpdate(account: Account, mediaId: string, commentId: string | undefined, at: number): Update {
  return change(account, at, 'mentions', {
    media_id: mediaId,
    ...(commentId === undefined ? {} : { comment_id: commentId }),
  });
}
