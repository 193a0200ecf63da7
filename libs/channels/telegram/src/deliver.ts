import { SendUncertain, type Deliver, type RateLimiter } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import { BotApiRefusal, BotApiUnreachable } from './bot-api-error.js';
import type { BotApi } from './client.js';
import { translate } from './errors.js';
import { manifest } from './manifest.js';
import { isIdentifier, messageKeyOf, optional } from './update.js';

/** https://core.telegram.org/bots/api#sendmessage */
interface SendMessage {
  readonly chat_id: number;
  readonly text: string;
  readonly message_thread_id?: number;
  readonly reply_parameters?: { readonly message_id: number; readonly allow_sending_without_reply: true };
}

export function createDeliver(api: BotApi, limiter: RateLimiter): Deliver {
  async function send(request: SendMessage, signal: AbortSignal): Promise<unknown> {
    await limiter.take(signal);
    try {
      return await api.call('sendMessage', request, { signal });
    } catch (error) {
      // A group became a supergroup: nothing was sent, and the answer says where the group is now.
      const moved = error instanceof BotApiRefusal ? error.parameters.migrateToChatId : undefined;
      if (moved === undefined || moved === request.chat_id) throw faultOf(error, limiter);
      return send({ chat_id: moved, text: request.text }, signal);
    }
  }
  return {
    async send(message, { signal }) {
      const sent = optional(await send(requestOf(message), signal));
      const isNamed = isIdentifier(sent?.['message_id']) && isIdentifier(optional(sent['chat'])?.['id']);
      return { status: 'sent', providerMessageId: isNamed && sent !== undefined ? messageKeyOf(sent) : null };
    },
  };
}

/** Exported for its tests. Throws FaninError for what Telegram cannot be asked. */
export function requestOf(message: OutboundMessageV1): SendMessage {
  const most = manifest.limits.maxReplyChars ?? Infinity;
  if (message.text.length > most)
    throw new FaninError(
      'BAD_PAYLOAD',
      `Telegram takes at most ${most} characters, the reply has ${message.text.length}`,
    );
  if (message.attachments.length > 0)
    throw new FaninError('UNSUPPORTED', 'this channel sends no attachments: put a link into the text');
  const [, chat, topic] = /^telegram:(-?\d+)(?::(\d+))?$/.exec(message.conversation_key) ?? [];
  if (chat === undefined) throw new FaninError('UNSUPPORTED', 'the conversation is none of Telegram');
  if (message.visibility === 'private' && message.provider_fields['chat_type'] !== 'private')
    return { chat_id: privateChatOf(message), text: message.text };
  const [, answeredChat, answered] = /^(-?\d+):(\d+)/.exec(message.in_reply_to ?? '') ?? [];
  return {
    chat_id: Number(chat),
    text: message.text,
    ...(topic === undefined ? {} : { message_thread_id: Number(topic) }),
    ...(answered === undefined || answeredChat !== chat
      ? {}
      : { reply_parameters: { message_id: Number(answered), allow_sending_without_reply: true } }),
  };
}

/** The private chat with a person has the person's id; Telegram refuses it (403) until the person wrote to the bot. */
function privateChatOf({ to }: OutboundMessageV1): number {
  const [, user] = /^telegram:(\d+)$/.exec(to[0]?.id ?? '') ?? [];
  if (user === undefined) throw new FaninError('UNSUPPORTED', 'only a person can be answered in private');
  return Number(user);
}

function faultOf(error: unknown, limiter: RateLimiter): Error {
  const isOpen =
    (error instanceof BotApiUnreachable && !error.isUntouched) ||
    (error instanceof BotApiRefusal && error.status >= 500);
  if (isOpen) return new SendUncertain(error.message);
  const fault = translate(error);
  if (fault.retryAfterMs !== undefined) limiter.pause(fault.retryAfterMs);
  return fault;
}
