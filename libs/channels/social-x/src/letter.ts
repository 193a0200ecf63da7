import type { SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { weightOf } from './post-weight.js';
import { isId } from './snowflake.js';

/** A reply as X will get it. */
export type Letter =
  | { readonly kind: 'post'; readonly text: string; readonly inReplyTo: string }
  | { readonly kind: 'message'; readonly text: string; readonly to: 'person' | 'conversation'; readonly id: string };

type Refusal = Extract<SendOutcome, { readonly status: 'failed' }>;

const MESSAGE_LIMIT = 10_000;

/** Decides between public and private, and says why a reply cannot go out. */
export function letterOf(
  message: OutboundMessageV1,
  own: { readonly userId: string; readonly postLimit: number },
): Letter | Refusal {
  const isPublic = message.conversation_key.startsWith('post:');
  const visibility = message.visibility ?? (isPublic ? 'public' : 'private');
  if (message.template !== undefined) return refuse('UNSUPPORTED', 'X has no templates: write the words themselves');
  if (visibility === 'public') {
    if (!isPublic) return refuse('UNSUPPORTED', 'a direct message cannot be answered in public');
    return publicLetter(message, own.postLimit);
  }
  return privateLetter(message, own.userId);
}

function publicLetter(message: OutboundMessageV1, limit: number): Letter | Refusal {
  const fields = message.provider_fields;
  const inReplyTo = [fields.post_id, message.in_reply_to].find(isId);
  if (inReplyTo === undefined) return refuse('BAD_PAYLOAD', 'the reply names no post that it answers');
  const weight = weightOf(message.text);
  if (weight > limit)
    return refuse(
      'UNSUPPORTED',
      `the reply weighs ${weight} of the ${limit} characters that X takes in public (a link counts 23, an emoji 2): shorten it, or answer privately`,
    );
  const handle = fields.author_username;
  const mention = handle === undefined ? '' : `@${handle} `;
  const hasMention = handle !== undefined && new RegExp(`@${handle}\\b`, 'iu').test(message.text);
  // X itself keeps whom a reply answers; the words show it too, where there is room.
  const text = hasMention || weightOf(mention + message.text) > limit ? message.text : mention + message.text;
  return { kind: 'post', text, inReplyTo };
}

function privateLetter(message: OutboundMessageV1, userId: string): Letter | Refusal {
  if ([...message.text].length > MESSAGE_LIMIT)
    return refuse('UNSUPPORTED', `the reply is longer than the ${MESSAGE_LIMIT} characters of a direct message`);
  const { dm_conversation_id: conversation, author_id: author } = message.provider_fields;
  const isGroup = conversation !== undefined && !/^\d+-\d+$/.test(conversation);
  if (isGroup) return { kind: 'message', text: message.text, to: 'conversation', id: conversation };
  const others = [
    author,
    ...message.to.map((party) => party.id.replace(/^x:/, '')),
    ...(conversation ?? '').split('-'),
  ];
  const person = others.find((id) => isId(id) && id !== userId);
  if (person === undefined) return refuse('BAD_PAYLOAD', 'the reply names no user of X that it goes to');
  return { kind: 'message', text: message.text, to: 'person', id: person };
}

function refuse(code: string, reason: string): Refusal {
  return { status: 'failed', code, reason };
}
