import type { RemoteAttachment } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { pushedMedia } from './media-reference.js';
import { at, isoOfDate, isoOfMs, recordOf, textOf, type Json } from './payload.js';
import { includedMedia, polledUser, wordsOf } from './polled-post.js';
import { readable, type XUser } from './post.js';
import { linksOf, pushedUser } from './pushed-post.js';
import { compareIds, isId } from './snowflake.js';

/** A direct message as both doors tell of it. */
export interface DirectMessage {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string | undefined;
  readonly sender: XUser;
  /** The other one of a conversation of two; undefined in a group. */
  readonly recipient: XUser | undefined;
  /** `<smaller id>-<larger id>` of the two, or the id of a group. */
  readonly conversationId: string;
  readonly media: readonly RemoteAttachment[];
  /** Id of the app that it was sent with; undefined when X's own, or when X was asked for a list, which does not tell it. */
  readonly sourceAppId: string | undefined;
  readonly isPushed: boolean;
}

/** The id that API v2 gives to a conversation of two. */
export function pairOf(one: string, other: string): string {
  return compareIds(one, other) <= 0 ? `${one}-${other}` : `${other}-${one}`;
}

/** An entry of `direct_message_events`; `users` stands beside the list. Throws BAD_PAYLOAD when it names no two people. */
export function pushedMessage(entry: Json, users: unknown): DirectMessage {
  const { id } = entry;
  const sender = at(entry, 'message_create', 'sender_id');
  const recipient = at(entry, 'message_create', 'target', 'recipient_id');
  if (!isId(id)) throw new FaninError('BAD_PAYLOAD', 'a direct message has no id');
  if (!isId(sender) || !isId(recipient))
    throw new FaninError('BAD_PAYLOAD', 'a direct message names no sender or no recipient');
  const app = at(entry, 'message_create', 'source_app_id');
  const data = recordOf(at(entry, 'message_create', 'message_data')) ?? {};
  const media = recordOf(at(data, 'attachment', 'media'));
  const found = media === undefined ? undefined : pushedMedia(media);
  const pictures = media === undefined ? [] : [{ short: textOf(media.url) ?? '', full: undefined, isMedia: true }];
  const person = (who: string): XUser =>
    pushedUser(at(users, who)) ?? { id: who, name: undefined, username: undefined };
  return {
    id,
    text: readable(textOf(data.text) ?? '', [...pictures, ...linksOf(data.entities)]),
    createdAt: isoOfMs(entry.created_timestamp),
    sender: person(sender),
    recipient: person(recipient),
    conversationId: pairOf(sender, recipient),
    media: found === undefined ? [] : [found],
    sourceAppId: isId(app) ? app : undefined,
    isPushed: true,
  };
}

const GROUP = /^[A-Za-z0-9_-]{1,100}$/;
const PAIR = /^([0-9]{1,20})-([0-9]{1,20})$/;

/** `{data, includes}` as API v2 shows one DM event of type MessageCreate. */
export function polledMessage(document: Json): DirectMessage {
  const event = recordOf(document.data) ?? {};
  const { id, sender_id: sender, dm_conversation_id: conversation } = event;
  if (!isId(id)) throw new FaninError('BAD_PAYLOAD', 'a DM event has no id');
  if (!isId(sender)) throw new FaninError('BAD_PAYLOAD', 'a DM event has no sender_id');
  if (typeof conversation !== 'string' || !GROUP.test(conversation))
    throw new FaninError('BAD_PAYLOAD', 'a DM event has no dm_conversation_id');
  const [, one, other] = PAIR.exec(conversation) ?? [];
  const isPair = one !== undefined && other !== undefined;
  const recipient = !isPair ? undefined : one === sender ? other : one;
  return {
    id,
    text: wordsOf(event),
    createdAt: isoOfDate(event.created_at),
    sender: polledUser(document.includes, sender),
    recipient: recipient === undefined ? undefined : polledUser(document.includes, recipient),
    conversationId: isPair ? pairOf(one, other) : conversation,
    media: includedMedia(document),
    sourceAppId: undefined,
    isPushed: false,
  };
}
