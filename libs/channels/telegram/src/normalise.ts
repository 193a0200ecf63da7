import { createHash } from 'node:crypto';
import type { MessageDraft, Normalise, Normalised } from '@fanin/connector-kit';
import type { Party } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import { attachmentsOf, isLiveLocation, serviceFieldOf, wordsOf } from './content.js';
import {
  conversationKeyOf,
  identifier,
  messageKeyOf,
  optional,
  readUpdate,
  required,
  text,
  time,
  topicOf,
  type Json,
} from './update.js';

/** Pure: one update → at most one message, or the rule by which it is none. */
export const normalise: Normalise = async (delivery) => {
  const update = readUpdate(delivery.body);
  if (update['message'] !== undefined) return messageOf(required(update['message'], 'the message'));
  if (update['edited_message'] !== undefined) return editOf(required(update['edited_message'], 'the edited message'));
  if (update['callback_query'] !== undefined) return pressOf(required(update['callback_query'], 'the callback query'));
  if (update['my_chat_member'] !== undefined) return consentOf(required(update['my_chat_member'], 'the membership'));
  const kind = Object.keys(update).find((key) => key !== 'update_id') ?? 'none';
  return ignore('other_update', kind);
};

const ignore = (rule: string, evidence: string): Normalised => ({
  messages: [],
  ignored: { rule, evidence: text(evidence, 200) },
});

function messageOf(message: Json): Normalised {
  const service = serviceFieldOf(message);
  if (service !== undefined) return ignore('service_message', service);
  if (message['is_automatic_forward'] === true) return ignore('channel_post', 'is_automatic_forward');
  const draft = draftOf(message, senderOf(message));
  const isEmpty = draft.text === '' && draft.attachments.length === 0;
  return { messages: [isEmpty ? { ...draft, flags: [...draft.flags, 'unparsed'] } : draft] };
}

/** An edit has the id of what it edits; its time makes it one of its own. Files that were exchanged stay as they were. */
function editOf(message: Json): Normalised {
  if (isLiveLocation(message)) return ignore('live_location', 'edited location');
  const original = messageKeyOf(message);
  const edited = identifier(message['edit_date'], 'edit_date');
  const draft: MessageDraft = {
    ...draftOf(message, senderOf(message)),
    provider_message_id: `${original}:edited:${edited}`,
    // Telegram counts in seconds: two edits of one second are told apart by their words.
    provider_message_variant: createHash('sha256').update(wordsOf(message)).digest('hex').slice(0, 16),
    provider_time: time(edited),
    attachments: [],
    amends: { provider_message_id: original, change: 'edited', value: null },
  };
  return { messages: [draft] };
}

/** A button below a message of the bot was pressed: what it stands for is what the customer says. */
function pressOf(callback: Json): Normalised {
  const below = optional(callback['message']);
  if (below === undefined) return ignore('inline_callback', 'callback_query without message');
  const id = text(callback['id']);
  if (!/^[0-9A-Za-z_-]{1,64}$/.test(id)) throw new FaninError('BAD_PAYLOAD', 'the callback query has no id');
  const who = required(callback['from'], 'the sender');
  const draft: MessageDraft = {
    // The message below is the bot's own: neither its words nor its time are the customer's.
    ...draftOf(below, partyOf(who)),
    provider_fields: fieldsOf(below, required(below['chat'], 'the chat'), who),
    provider_message_id: `callback:${id}`,
    text: text(callback['data']),
    quoted_text: wordsOf(below) || null,
    attachments: [],
    provider_time: null,
    threading: { reply_token: null, references: [messageKeyOf(below)], subject_base: null },
    flags: ['button'],
    automatic: null,
  };
  return { messages: [draft] };
}

/** In a private chat the bot's membership is the user's consent: blocking it forbids, taking it back allows. */
function consentOf(change: Json): Normalised {
  const chat = required(change['chat'], 'the chat');
  const status = text(optional(change['new_chat_member'])?.['status']);
  const at = time(change['date']);
  if (chat['type'] !== 'private' || at === null || !['kicked', 'member'].includes(status))
    return ignore('membership', status);
  const state = status === 'kicked' ? 'opted_out' : 'opted_in';
  const evidence = `my_chat_member: ${status}`;
  return {
    ...ignore(status === 'kicked' ? 'bot_blocked' : 'bot_allowed', evidence),
    consents: [{ conversation_key: conversationKeyOf(change), state, evidence, at }],
  };
}

function draftOf(message: Json, sender: Party): MessageDraft {
  const chat = required(message['chat'], 'the chat');
  const isBot = optional(message['from'])?.['is_bot'] === true && message['sender_chat'] === undefined;
  return {
    provider_message_id: messageKeyOf(message),
    conversation_key: conversationKeyOf(message),
    sender,
    sender_verified: true,
    recipients: [],
    subject: null,
    text: wordsOf(message),
    html: null,
    quoted_text: text(optional(message['quote'])?.['text']) || null,
    attachments: attachmentsOf(message),
    provider_time: time(message['date']),
    threading: { reply_token: null, references: referencesOf(message), subject_base: null },
    automatic: isBot ? { rule: 'bot_sender', evidence: 'from.is_bot' } : null,
    delivery_report: null,
    flags: message['forward_origin'] === undefined ? [] : ['forwarded'],
    provider_fields: fieldsOf(message, chat, optional(message['from'])),
    // What is said in a group is read by all of its members.
    visibility: chat['type'] === 'private' ? 'private' : 'public',
  };
}

function referencesOf(message: Json): string[] {
  const answered = optional(message['reply_to_message']);
  // In a topic, everything answers the service message that opened it.
  if (answered === undefined || answered['forum_topic_created'] !== undefined) return [];
  return [messageKeyOf(answered)];
}

function fieldsOf(message: Json, chat: Json, who: Json | undefined): Record<string, string> {
  const topic = topicOf(message);
  const fields: [string, string][] = [
    ['chat_type', text(chat['type'])],
    ['chat_title', text(chat['title'])],
    ['username', text(who?.['username'])],
    ['language', text(who?.['language_code'])],
    ['topic', topic === undefined ? '' : String(topic)],
    ['album', text(message['media_group_id'])],
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== ''));
}

/** In groups a channel, or the group itself, can speak in place of a person. */
function senderOf(message: Json): Party {
  const chat = optional(message['sender_chat']);
  return chat === undefined ? partyOf(required(message['from'], 'the sender')) : partyOf(chat);
}

function partyOf(who: Json): Party {
  const names = [text(who['first_name']), text(who['last_name'])].filter((name) => name !== '');
  const shown = names.join(' ') || text(who['title']) || text(who['username']);
  const name = [...shown].slice(0, 255).join('');
  return { kind: 'social', id: `telegram:${identifier(who['id'], 'the id of the sender')}`, name: name || null };
}
