import type { MessageDraft, Normalise, Normalised, ReceiptDraft, RejectedEntry } from '@fanin/connector-kit';
import { FaninError, isoTime } from '@fanin/kernel';
import { pairOf, polledMessage, pushedMessage, type DirectMessage } from './direct-message.js';
import {
  deletionDraft,
  echoOfAnotherTool,
  messageDraft,
  messageOfAnotherTool,
  postDrafts,
  type OwnAccount,
} from './drafts.js';
import { at, isoOfMs, labelOf, parseJson, recordOf, recordsOf, type Json } from './payload.js';
import { polledPost } from './polled-post.js';
import type { Post } from './post.js';
import { pushedPost } from './pushed-post.js';
import { isId, timeOfId } from './snowflake.js';

/** What the entries of one delivery turned out to be, in their order. */
interface Outcome {
  readonly messages: MessageDraft[];
  readonly receipts: ReceiptDraft[];
  readonly rejected: RejectedEntry[];
  readonly ignored: { readonly rule: string; readonly evidence: string }[];
}

/** Lists of the envelope that carry nothing for a ticket. `follow_events` also tells of unfollows, and so on. */
const SILENT: Readonly<Record<string, string>> = {
  direct_message_indicate_typing_events: 'typing',
  favorite_events: 'like',
  follow_events: 'follow',
  unfollow_events: 'follow',
  block_events: 'block',
  unblock_events: 'block',
  mute_events: 'mute',
  unmute_events: 'mute',
};

export function createNormalise(own: OwnAccount): Normalise {
  return async (delivery) => {
    const document = parseJson(delivery.body);
    const outcome: Outcome = { messages: [], receipts: [], rejected: [], ignored: [] };
    if (recordOf(document.data) !== undefined) readPolled(document, own, outcome);
    else readPushed(document, own, outcome);
    return Promise.resolve(summary(outcome, document));
  };
}

function summary({ messages, receipts, rejected, ignored }: Outcome, document: Json): Normalised {
  const silent = messages.length + receipts.length + rejected.length === 0;
  const unknown = { rule: 'unknown_event', evidence: labelOf(Object.keys(document).join(', '), 200) ?? 'no event' };
  return {
    messages,
    ...(receipts.length === 0 ? {} : { receipts }),
    ...(rejected.length === 0 ? {} : { rejected }),
    ...(silent ? { ignored: ignored[0] ?? unknown } : {}),
  };
}

/** One item as our own poll wrote it down: what cannot be read is the whole delivery. */
function readPolled(document: Json, own: OwnAccount, outcome: Outcome): void {
  const type = at(document, 'data', 'event_type');
  if (type === undefined) return takePost(polledPost(document), own, outcome);
  if (type === 'MessageCreate') return takeMessage(polledMessage(document), own, outcome);
  outcome.ignored.push({ rule: 'participants_changed', evidence: labelOf(type, 60) ?? 'an event without a type' });
}

function readPushed(envelope: Json, own: OwnAccount, outcome: Outcome): void {
  const forUser = envelope.for_user_id;
  if (isId(forUser) && forUser !== own.userId) {
    outcome.ignored.push({ rule: 'other_account', evidence: `for user ${forUser}, this account is ${own.userId}` });
    return;
  }
  each(envelope.tweet_create_events, outcome, (entry) => {
    if (String(envelope.user_has_blocked) === 'true')
      outcome.ignored.push({ rule: 'blocked_sender', evidence: 'the account has blocked who wrote it' });
    else takePost(pushedPost(entry), own, outcome);
  });
  each(envelope.direct_message_events, outcome, (entry) => {
    if (entry.type === 'message_create') takeMessage(pushedMessage(entry, envelope.users), own, outcome);
    else outcome.ignored.push({ rule: 'dm_event', evidence: labelOf(entry.type, 60) ?? 'without a type' });
  });
  each(envelope.tweet_delete_events, outcome, (entry) => takeDeletion(entry, own, outcome));
  each(envelope.direct_message_mark_read_events, outcome, (entry) => takeReadMark(entry, own, outcome));
  readNotices(envelope, outcome);
}

function readNotices(envelope: Json, outcome: Outcome): void {
  for (const [name, rule] of Object.entries(SILENT))
    for (const entry of recordsOf(envelope[name]))
      outcome.ignored.push({ rule, evidence: labelOf(entry.type, 60) ?? name });
  const revoked = recordOf(at(envelope, 'user_event', 'revoke'));
  if (revoked !== undefined) {
    const user = labelOf(at(revoked, 'source', 'user_id'), 30) ?? 'unknown';
    const when = labelOf(revoked.date_time, 40) ?? 'an unknown time';
    outcome.ignored.push({ rule: 'access_revoked', evidence: `user ${user} took back the app's access at ${when}` });
  }
  const job = recordOf(envelope.replay_job_status);
  if (job !== undefined) {
    const evidence = `job ${labelOf(job.job_id, 30) ?? ''}: ${labelOf(job.job_state, 30) ?? ''}`;
    outcome.ignored.push({ rule: 'replay_job_status', evidence });
  }
}

/** A poisonous entry is rejected by itself: its neighbours are somebody's messages. */
function each(list: unknown, outcome: Outcome, take: (entry: Json) => void): void {
  if (list === undefined || list === null) return;
  for (const entry of Array.isArray(list) ? (list as unknown[]) : [list]) {
    try {
      take(recordOf(entry) ?? refuse('an event is no JSON object'));
    } catch (error) {
      if (!(error instanceof FaninError) || error.code !== 'BAD_PAYLOAD') throw error;
      const place = outcome.messages.length + outcome.rejected.length;
      outcome.rejected.push({ at: place, code: 'BAD_PAYLOAD', reason: error.message });
    }
  }
}

function refuse(reason: string): never {
  throw new FaninError('BAD_PAYLOAD', reason);
}

function takePost(post: Post, own: OwnAccount, outcome: Outcome): void {
  if (post.isRepost) outcome.ignored.push({ rule: 'repost', evidence: `post ${post.id} repeats another` });
  else if (post.author.id !== own.userId) outcome.messages.push(...postDrafts(post, own));
  else takeOwn(`post ${post.id}`, echoOfAnotherTool(post, own), outcome);
}

function takeMessage(message: DirectMessage, own: OwnAccount, outcome: Outcome): void {
  if (message.sender.id !== own.userId) outcome.messages.push(messageDraft(message, own));
  else takeOwn(`direct message ${message.id}`, messageOfAnotherTool(message, own), outcome);
}

function takeOwn(what: string, elsewhere: MessageDraft | undefined, outcome: Outcome): void {
  if (elsewhere !== undefined) outcome.messages.push(elsewhere);
  else outcome.ignored.push({ rule: 'own_echo', evidence: `${what} was written by the account itself` });
}

function takeDeletion(entry: Json, own: OwnAccount, outcome: Outcome): void {
  const id = at(entry, 'status', 'id');
  const userId = at(entry, 'status', 'user_id');
  if (!isId(id) || !isId(userId)) refuse('a deletion names no post or no user');
  else outcome.messages.push(deletionDraft({ id, userId, at: isoOfMs(entry.timestamp_ms) }, own));
}

/**
 * The customer has read up to a message. That one is named; those before it are told by the time in its id, because X
 * gives no list.
 */
function takeReadMark(entry: Json, own: OwnAccount, outcome: Outcome): void {
  const { sender_id: reader, last_read_event_id: last } = entry;
  const readAt = isoOfMs(entry.created_timestamp);
  if (!isId(reader) || !isId(last) || readAt === undefined) refuse('a read mark names no reader, message or time');
  else if (reader === own.userId)
    outcome.ignored.push({ rule: 'own_read_mark', evidence: `the account itself has read up to ${last}` });
  else {
    const base = { outbound_id: null, status: 'read', code: null, reason: null, at: readAt } as const;
    outcome.receipts.push({ ...base, provider_message_id: last });
    const upTo = timeOfId(last);
    const conversation_key = `dm:${pairOf(reader, own.userId)}`;
    if (upTo !== undefined)
      outcome.receipts.push({
        ...base,
        provider_message_id: null,
        watermark: { conversation_key, up_to: isoTime(upTo) },
      });
  }
}
