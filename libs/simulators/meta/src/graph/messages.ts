import {
  attachmentFailed,
  invalidParameter,
  noSuchUser,
  outsideWindow,
  personUnavailable,
  requiredParameter,
  unknownNode,
} from '../errors.js';
import type { Account, Person, StoredMessage } from '../model.js';
import { DAY_MS } from '../options.js';
import type { Stage } from '../stage.js';
import { readAttachment } from './attachments.js';
import type { Attached } from './attachments.js';
import { deliver } from './deliver.js';
import type { Content } from './deliver.js';
import { answerPrivately, privateReplyTarget } from './private-replies.js';
import { objectParam, textParam } from './request.js';
import type { GraphCallContext } from './request.js';

const TAGS = ['HUMAN_AGENT', 'CONFIRMED_EVENT_UPDATE', 'POST_PURCHASE_UPDATE', 'ACCOUNT_UPDATE'];
const LONGEST_TEXT = 2000;
const LONGEST_INSTAGRAM_BYTES = 1000;

/** POST /{page-id | ig-id | me}/messages: a message, a sender action or a private reply. */
export async function sendMessage(stage: Stage, call: GraphCallContext, node: Account): Promise<unknown> {
  const recipient = objectParam(call, 'recipient');
  if (recipient === undefined) throw requiredParameter('recipient');
  const commentId = recipient['comment_id'];
  if (typeof commentId === 'string') {
    const target = privateReplyTarget(stage, call, commentId);
    const content = await readContent(stage, call, target.account);
    return answerPrivately(stage, call, target, content);
  }
  const { account, person } = receiverOf(stage, call, node, recipient['id']);
  const action = textParam(call, 'sender_action');
  if (action !== undefined) return senderAction(action, person);
  const content = await readContent(stage, call, account);
  checkWindow(stage, call, account, person);
  if (person.unreachable) throw personUnavailable();
  const message = deliver(stage, call, account, person, content, { kind: 'message' });
  return { recipient_id: person.id, message_id: message.id };
}

/** A Page sends for its Instagram account as well: who the id belongs to decides. */
function receiverOf(
  stage: Stage,
  call: GraphCallContext,
  node: Account,
  id: unknown,
): { account: Account; person: Person } {
  if (typeof id !== 'string' && typeof id !== 'number') throw invalidParameter('Param recipient must have an id.');
  const linked = node.kind === 'page' ? stage.registry.linkedInstagram(node.id) : undefined;
  for (const account of [node, linked]) {
    const person = account === undefined ? undefined : stage.world.person(account, String(id));
    if (account !== undefined && person !== undefined && call.user?.accountIds.has(account.id))
      return { account, person };
  }
  throw noSuchUser();
}

function senderAction(action: string, person: Person): unknown {
  if (['mark_seen', 'typing_on', 'typing_off', 'react', 'unreact'].includes(action)) return { recipient_id: person.id };
  throw invalidParameter(
    `Param sender_action must be one of {MARK_SEEN, TYPING_ON, TYPING_OFF, REACT, UNREACT}, not ${action}`,
  );
}

/** 24 hours after the person's last action; with HUMAN_AGENT seven days. */
function checkWindow(stage: Stage, call: GraphCallContext, account: Account, person: Person): void {
  const tag = textParam(call, 'tag');
  const type = textParam(call, 'messaging_type') ?? (tag === undefined ? 'RESPONSE' : 'MESSAGE_TAG');
  if (!['RESPONSE', 'UPDATE', 'MESSAGE_TAG'].includes(type)) {
    throw invalidParameter(`Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}, not ${type}`);
  }
  if (type === 'MESSAGE_TAG' && (tag === undefined || !TAGS.includes(tag))) {
    throw invalidParameter(`Param tag must be one of {${TAGS.join(', ')}}`);
  }
  const openedAt = stage.world.thread(account, person).openedAt ?? -Infinity;
  const age = stage.world.now() - openedAt;
  if (type === 'MESSAGE_TAG' && tag !== 'HUMAN_AGENT') return;
  if (age > (type === 'MESSAGE_TAG' ? 7 * DAY_MS : DAY_MS)) throw outsideWindow(account);
}

async function readContent(stage: Stage, call: GraphCallContext, account: Account): Promise<Content> {
  const message = objectParam(call, 'message');
  if (message === undefined) throw requiredParameter('message');
  const text = typeof message['text'] === 'string' ? message['text'] : undefined;
  checkText(account, text);
  const attachments = await readAttachments(stage, call, account, message);
  if (text === undefined && attachments.length === 0)
    throw invalidParameter('Must upload exactly one file, or give message[text].');
  const replyTo = objectParam(call, 'reply_to')?.['mid'] ?? (message['reply_to'] as { mid?: unknown } | undefined)?.mid;
  if (typeof replyTo === 'string' && !stage.world.messages.has(replyTo)) throw invalidParameter('Invalid reply_to mid');
  return {
    attachments,
    ...(text === undefined ? {} : { text }),
    ...(typeof replyTo === 'string' ? { replyTo } : {}),
    ...(typeof message['metadata'] === 'string' ? { metadata: message['metadata'] } : {}),
  };
}

function checkText(account: Account, text: string | undefined): void {
  if (text === undefined) return;
  if (text === '') throw invalidParameter('Length of param message[text] must be greater than 0');
  const tooLong =
    account.kind === 'page' ? text.length > LONGEST_TEXT : Buffer.byteLength(text) > LONGEST_INSTAGRAM_BYTES;
  const most = account.kind === 'page' ? LONGEST_TEXT : LONGEST_INSTAGRAM_BYTES;
  if (tooLong) throw invalidParameter(`Length of param message[text] must be less than or equal to ${most}`);
}

async function readAttachments(
  stage: Stage,
  call: GraphCallContext,
  account: Account,
  message: Record<string, unknown>,
): Promise<Attached[]> {
  const one = message['attachment'];
  const several = Array.isArray(message['attachments']) ? (message['attachments'] as unknown[]) : [];
  const wanted = one === undefined ? several : [one, ...several];
  if (wanted.length === 0 && call.file !== undefined) throw attachmentFailed();
  return Promise.all(wanted.map((attachment) => readAttachment(stage, call, account, attachment)));
}

/** GET /{mid}. */
export function messageOf(
  stage: Stage,
  call: GraphCallContext,
  id: string,
): { message: StoredMessage; account: Account } {
  const message = stage.world.messages.get(id);
  if (message === undefined || call.user?.accountIds.has(message.accountId) !== true)
    throw unknownNode(call.method, id);
  return { message, account: stage.registry.account(message.accountId) };
}
