import type { Deliver, SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import type { Clock } from '@fanin/kernel';
import {
  customerIdOf,
  findSentComment,
  findSentDirect,
  plainTextOnly,
  postOnce,
  read,
  refused,
  sendDirect,
  sendPrivateReply,
  sentOf,
  type DirectSender,
  type Sought,
} from '@fanin/meta';

const isComment = ({ provider_fields: fields }: OutboundMessageV1): boolean => fields['surface'] === 'comment';

export function createDeliver(sender: DirectSender, clock: Clock): Deliver {
  return {
    send: (message, { signal }) => send(sender, message, clock.now(), signal),
    reconcile: (message, { signal, since, known }) =>
      find(sender, message, { text: message.text, since, known, nowMs: clock.now() }, signal),
  };
}

async function send(
  sender: DirectSender,
  message: OutboundMessageV1,
  nowMs: number,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const cannot = plainTextOnly(message, false);
  if (cannot !== undefined) return cannot;
  if (!isComment(message)) return sendDirect(sender, message, nowMs, signal);
  if (message.visibility === 'private') return sendPrivateReply(sender, message, nowMs, signal);
  const commentId = message.provider_fields['comment_id'];
  if (commentId === undefined) return refused('the reply names no comment to answer');
  const body = { message: message.text };
  return sentOf(await postOnce(sender.graph, `${commentId}/comments`, body, { signal, doubtFaults: true }));
}

/** What Meta's lists say of a reply that was cut off. */
async function find(
  sender: DirectSender,
  message: OutboundMessageV1,
  sought: Sought,
  signal: AbortSignal,
): ReturnType<NonNullable<Deliver['reconcile']>> {
  if (!isComment(message)) return findSentDirect(sender, customerIdOf(message, sender), sought, signal);
  const { comment_id: commentId = '', top_comment_id: top = commentId } = message.provider_fields;
  if (message.visibility !== 'private')
    return findSentComment(
      sender.graph,
      { commentIds: [commentId, top], edge: 'comments', self: sender.self },
      sought,
      signal,
    );
  const comment = await read(sender.graph, commentId, { fields: 'can_reply_privately' }, signal);
  // It can be answered privately once: that it still can says that nothing went out.
  if (comment['can_reply_privately'] === true) return { status: 'absent' };
  const found = await findSentDirect(sender, customerIdOf(message, sender), sought, signal);
  return found.status === 'absent'
    ? { status: 'unclear', reason: 'the comment was answered privately, not seen with what' }
    : found;
}
