import type { MessageDraft } from '@fanin/connector-kit';
import { ignored, type Part } from '../wire/collected.js';
import { cut, idAt, objectAt, optionalIdAt, textAt, type Json } from '../wire/json.js';
import { readAttachments } from './attachments.js';
import { customerOf, directConversation, directFields, ourselves, referralFields, type DirectEvent } from './direct.js';
import { amendment, draftOf, newsId } from './draft.js';
import { ourOutboundId } from './metadata.js';
import { directWindows } from './windows.js';

/** `message`: something written by the customer, by us (an echo), or taken back. */
export function readMessage(at: DirectEvent, message: Json): Part {
  const mid = idAt(message, 'mid');
  if (message['is_deleted'] === true) return { messages: [unsent(at, mid)] };
  if (at.fromUs) return readEcho(at, message, mid);
  return { messages: [{ ...contentOf(at, message, mid), reply_windows: directWindows(at.time) }] };
}

/** Echoes come for every message of the account: ours are known by the app's id, others were written with another tool. */
function readEcho(at: DirectEvent, message: Json, mid: string): Part {
  if (optionalIdAt(message, 'app_id') === at.account.appId) {
    const outboundId = ourOutboundId(textAt(message, 'metadata'));
    const own = ignored('own_echo', `mid ${mid}`);
    if (outboundId === undefined) return own;
    const sent = { status: 'sent', provider_message_id: mid, code: null, reason: null, at: at.time } as const;
    return { ...own, receipts: [{ outbound_id: outboundId, ...sent }] };
  }
  const written = contentOf(at, message, mid);
  return { messages: [{ ...written, author: 'account', flags: [...written.flags, 'echo'] }] };
}

function contentOf(at: DirectEvent, message: Json, mid: string): MessageDraft {
  const { account, customer } = at;
  const read = readAttachments(message, mid);
  const story = objectAt(objectAt(message, 'reply_to'), 'story');
  const quickReply = textAt(objectAt(message, 'quick_reply'), 'payload');
  const unsupported = message['is_unsupported'] === true;
  const lines = [
    ...(story === undefined ? [] : ['[reply to your story]']),
    textAt(message, 'text') ?? '',
    ...(unsupported ? ['[a kind of message that the provider does not hand over; open it in the app]'] : []),
    ...read.lines,
  ];
  const answered = optionalIdAt(objectAt(message, 'reply_to'), 'mid');
  const [us, them] = [ourselves(account), customerOf(account, customer)];
  return draftOf({
    provider_message_id: mid,
    conversation_key: directConversation(account, customer),
    sender: at.fromUs ? us : them,
    to: at.fromUs ? them : us,
    provider_time: at.time,
    text: lines.filter((line) => line !== '').join('\n'),
    attachments: read.attachments,
    references: answered === undefined ? [] : [answered],
    flags: [
      ...read.flags,
      ...(story === undefined ? [] : ['story_reply']),
      ...(quickReply === undefined ? [] : ['quick_reply']),
      ...(unsupported ? ['unsupported'] : []),
    ],
    provider_fields: {
      ...directFields(at),
      ...(quickReply === undefined ? {} : { quick_reply: cut(quickReply, 1_000) }),
      ...storyFields(story),
      ...referralFields(objectAt(message, 'referral')),
    },
  });
}

function storyFields(story: Json | undefined): Record<string, string> {
  const fields = { story_id: optionalIdAt(story, 'id'), story_url: textAt(story, 'url') };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, cut(value, 1_000)]])),
  );
}

/** A button of an earlier message, "Get started", an ice breaker: the customer says what its title says. */
export function readPostback(at: DirectEvent, postback: Json): Part {
  const { account, customer, time } = at;
  const title = textAt(postback, 'title') ?? '';
  const payload = cut(textAt(postback, 'payload') ?? '', 1_000);
  // Before Graph v11 a postback had no id.
  const id = optionalIdAt(postback, 'mid') ?? newsId('postback', customer, time, payload);
  return {
    messages: [
      draftOf({
        provider_message_id: id,
        conversation_key: directConversation(account, customer),
        sender: customerOf(account, customer),
        to: ourselves(account),
        provider_time: time,
        text: title === '' ? `[button] ${payload}` : title,
        flags: ['postback'],
        provider_fields: {
          ...directFields(at),
          postback: payload,
          ...referralFields(objectAt(postback, 'referral')),
        },
        reply_windows: directWindows(time),
      }),
    ],
  };
}

function unsent(at: DirectEvent, mid: string): MessageDraft {
  return newsOf(at, newsId(mid, 'deleted'), { amends: amendment(mid, 'deleted') });
}

/** `message_edit`: the text is the new one; `num_edit` tells repeated edits apart. */
export function readEdit(at: DirectEvent, edit: Json): Part {
  const mid = idAt(edit, 'mid');
  const count = optionalIdAt(edit, 'num_edit') ?? at.time;
  const text = textAt(edit, 'text') ?? '';
  return { messages: [newsOf(at, newsId(mid, 'edited', count), { text, amends: amendment(mid, 'edited') })] };
}

/** `reaction` to a message of either side. */
export function readReaction(at: DirectEvent, reaction: Json): Part {
  const mid = idAt(reaction, 'mid');
  const change = textAt(reaction, 'action') === 'unreact' ? 'unreacted' : 'reacted';
  const value = textAt(reaction, 'emoji') ?? textAt(reaction, 'reaction') ?? null;
  const by = at.fromUs ? 'us' : at.customer;
  const id = newsId(mid, change, by, at.time);
  return { messages: [newsOf(at, id, { amends: amendment(mid, change, value) })] };
}

function newsOf(at: DirectEvent, id: string, more: Partial<Omit<MessageDraft, 'threading'>>): MessageDraft {
  const { account, customer } = at;
  const [us, them] = [ourselves(account), customerOf(account, customer)];
  return draftOf({
    provider_message_id: id,
    conversation_key: directConversation(account, customer),
    sender: at.fromUs ? us : them,
    to: at.fromUs ? them : us,
    provider_time: at.time,
    provider_fields: directFields(at),
    ...(at.fromUs ? { author: 'account' as const } : {}),
    ...more,
  });
}
