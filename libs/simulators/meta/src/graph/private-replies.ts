import { alreadyAnswered, notAnswerable, unknownComment } from '../errors.js';
import type { Account, StoredComment } from '../model.js';
import { DAY_MS } from '../options.js';
import type { Stage } from '../stage.js';
import { deliver } from './deliver.js';
import type { Content } from './deliver.js';
import type { GraphCallContext } from './request.js';

export interface PrivateReplyTarget {
  account: Account;
  comment: StoredComment;
}

/** The comment, if it may be answered privately: once, within 7 days; on a live broadcast only while it is on. */
export function privateReplyTarget(stage: Stage, call: GraphCallContext, commentId: string): PrivateReplyTarget {
  const comment = stage.world.comments.get(commentId);
  if (comment === undefined || comment.removed || call.user?.accountIds.has(comment.accountId) !== true)
    throw unknownComment();
  const account = stage.registry.account(comment.accountId);
  if (comment.privatelyAnswered) throw alreadyAnswered(account);
  if (comment.fromId === account.id || comment.mention) throw notAnswerable(account);
  if (stage.world.now() - comment.at > 7 * DAY_MS) throw notAnswerable(account);
  if (comment.live && stage.world.posts.get(comment.postId)?.live !== true) throw notAnswerable(account);
  return { account, comment };
}

/** It opens no window: only the person's answer does. */
export function answerPrivately(
  stage: Stage,
  call: GraphCallContext,
  target: PrivateReplyTarget,
  content: Content,
): unknown {
  const { account, comment } = target;
  const person = stage.world.meet(account, { id: comment.fromId });
  comment.privatelyAnswered = true;
  const message = deliver(stage, call, account, person, content, { kind: 'private_reply', commentId: comment.id });
  return { recipient_id: person.id, message_id: message.id };
}
