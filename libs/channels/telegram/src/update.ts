import { FaninError } from '@fanin/kernel';

/** https://core.telegram.org/bots/api#update. Only what this channel reads; every value is looked at before it is believed. */
export type Json = Readonly<Record<string, unknown>>;

/** The kinds of updates that Telegram is asked for. */
export const WANTED_UPDATES = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const;

/** Throws BAD_PAYLOAD. */
export function readUpdate(body: Buffer): Json {
  let update: unknown;
  try {
    update = JSON.parse(body.toString('utf8'));
  } catch {
    throw new FaninError('BAD_PAYLOAD', 'the update is no JSON');
  }
  const read = required(update, 'the update');
  identifier(read['update_id'], 'update_id');
  return read;
}

export function optional(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function required(value: unknown, what: string): Json {
  const found = optional(value);
  if (found === undefined) throw new FaninError('BAD_PAYLOAD', `${what} is no object`);
  return found;
}

export function isIdentifier(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** Ids of Telegram have at most 52 significant bits. */
export function identifier(value: unknown, what: string): number {
  if (!isIdentifier(value)) throw new FaninError('BAD_PAYLOAD', `${what} is no id`);
  return value;
}

/** Empty when there is none. JSON can hold U+0000 and half surrogate pairs, the log and the database cannot. */
export function text(value: unknown, mostChars = Infinity): string {
  if (typeof value !== 'string') return '';
  const wellFormed = Buffer.from(value.slice(0, mostChars), 'utf8').toString('utf8');
  return wellFormed.replaceAll('\u0000', '\ufffd');
}

/** Unix seconds → ISO 8601; null for what is no time. */
export function time(value: unknown): string | null {
  const isTime = isIdentifier(value) && value > 0 && value < 253_402_300_800;
  return isTime ? new Date(value * 1000).toISOString() : null;
}

/** Chat, and topic where a group has topics: `message_thread_id` is also set in threads of replies, which are no topics. */
export function conversationKeyOf(message: Json): string {
  const chat = identifier(required(message['chat'], 'the chat')['id'], 'the id of the chat');
  const topic = topicOf(message);
  return topic === undefined ? `telegram:${chat}` : `telegram:${chat}:${topic}`;
}

export function topicOf(message: Json): number | undefined {
  const topic = message['message_thread_id'];
  return message['is_topic_message'] === true && isIdentifier(topic) ? topic : undefined;
}

/** `message_id` counts within a chat only. */
export function messageKeyOf(message: Json): string {
  const chat = identifier(required(message['chat'], 'the chat')['id'], 'the id of the chat');
  return `${chat}:${identifier(message['message_id'], 'message_id')}`;
}

/** What keeps updates of one chat in order on the log; undefined when there is no chat. Throws nothing. */
export function orderKeyOf(update: Json): string | undefined {
  const callback = optional(update['callback_query']);
  const holder = callback ?? optional(update['message'] ?? update['edited_message'] ?? update['my_chat_member']);
  const chat = optional((optional(callback?.['message']) ?? holder)?.['chat']);
  return isIdentifier(chat?.['id']) ? `telegram:${chat['id']}` : undefined;
}
