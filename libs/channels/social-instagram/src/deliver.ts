import type { Deliver, Reconciled, SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import type { Clock } from '@fanin/kernel';
import {
  customerIdOf,
  findSentComment,
  findSentDirect,
  plainTextOnly,
  postOnce,
  refused,
  sendDirect,
  sendPrivateReply,
  sentOf,
  type DirectSender,
  type Json,
  type Sought,
} from '@fanin/meta';

/** Longest text of a direct message, in bytes of UTF-8 (instagram-platform/instagram-api-with-instagram-login/messaging-api). */
const MAX_DIRECT_BYTES = 1_000;

export function createDeliver(sender: DirectSender, clock: Clock): Deliver {
  return {
    send: (message, { signal }) => send(sender, message, clock.now(), signal),
    reconcile: (message, { signal, since, known }) =>
      find(sender, message, { text: message.text, since, known, nowMs: clock.now() }, signal),
  };
}

/** Where a reply goes: what it answers and whether it is to be read by all. */
function wayOf({
  provider_fields: fields,
  visibility,
}: OutboundMessageV1): 'direct' | 'comment' | 'private' | 'mention' {
  const surface = fields['surface'];
  if (surface === 'comment') return visibility === 'private' ? 'private' : 'comment';
  return surface === 'mention' ? 'mention' : 'direct';
}

async function send(
  sender: DirectSender,
  message: OutboundMessageV1,
  nowMs: number,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const way = wayOf(message);
  const cannot = plainTextOnly(message, false);
  if (cannot !== undefined) return cannot;
  const bytes = Buffer.byteLength(message.text);
  if ((way === 'direct' || way === 'private') && bytes > MAX_DIRECT_BYTES)
    return refused(
      `the reply has ${bytes} bytes, Instagram takes ${MAX_DIRECT_BYTES} (umlauts and emoji count more than one)`,
    );
  switch (way) {
    case 'direct':
      return sendDirect(sender, message, nowMs, signal);
    case 'private':
      return sendPrivateReply(sender, message, nowMs, signal);
    case 'comment':
      return publish(
        sender,
        `${message.provider_fields['comment_id'] ?? ''}/replies`,
        { message: message.text },
        signal,
      );
    case 'mention':
      return answerMention(sender, message, signal);
  }
}

async function publish(sender: DirectSender, path: string, body: Json, signal: AbortSignal): Promise<SendOutcome> {
  if (path.startsWith('/')) return refused('the reply names no comment to answer');
  return sentOf(await postOnce(sender.graph, path, body, { signal, doubtFaults: true }));
}

/** POST /{ig-id}/mentions: a comment under the comment or media that names us. */
function answerMention(sender: DirectSender, message: OutboundMessageV1, signal: AbortSignal): Promise<SendOutcome> {
  const { media_id: mediaId, comment_id: commentId } = message.provider_fields;
  if (message.visibility === 'private') return Promise.resolve(refused('a mention can be answered in public only'));
  if (mediaId === undefined) return Promise.resolve(refused('the reply names no media to answer'));
  const comment = commentId === undefined ? {} : { comment_id: commentId };
  return publish(sender, `${sender.self}/mentions`, { media_id: mediaId, ...comment, message: message.text }, signal);
}

/** What Meta's lists say of a reply that was cut off. */
async function find(
  sender: DirectSender,
  message: OutboundMessageV1,
  sought: Sought,
  signal: AbortSignal,
): Promise<Reconciled> {
  const { comment_id: commentId = '', top_comment_id: top = commentId } = message.provider_fields;
  switch (wayOf(message)) {
    case 'direct':
      return findSentDirect(sender, customerIdOf(message, sender), sought, signal);
    case 'comment':
      return findSentComment(
        sender.graph,
        { commentIds: [commentId, top], edge: 'replies', self: sender.self },
        sought,
        signal,
      );
    case 'private': {
      const found = await findSentDirect(sender, customerIdOf(message, sender), sought, signal);
      // A conversation that the customer has not accepted yet is not listed: not seeing it proves nothing.
      return found.status === 'absent'
        ? { status: 'unclear', reason: 'Instagram does not list a conversation that the customer has not accepted' }
        : found;
    }
    case 'mention':
      return { status: 'unclear', reason: 'Instagram does not list our comments under media of others' };
  }
}
