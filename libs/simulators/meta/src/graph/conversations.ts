import { invalidParameter, noSuchUser, unknownNode } from '../errors.js';
import { linkedAttachments } from '../inbound/shared.js';
import type { Account, Person, StoredMessage, Thread } from '../model.js';
import type { Stage } from '../stage.js';
import { graphTime, nextPage, page, parseFields, project } from './fields.js';
import type { FieldWish, NodeFields } from './fields.js';
import { textParam } from './request.js';
import type { GraphCallContext } from './request.js';

/** "Queries to the conversation's messages return the 20 most recent": the conversations' page says so of details. */
const READABLE_MESSAGES = 20;

/** GET /{page-id | ig-id}/conversations?platform=…&user_id=…: newest first. */
export function listConversations(stage: Stage, call: GraphCallContext, node: Account): unknown {
  const account = accountFor(stage, call, node);
  const userId = textParam(call, 'user_id');
  const threads = [...stage.world.threads.values()]
    .filter((thread) => thread.accountId === account.id && thread.messages.length > 0)
    .filter((thread) => userId === undefined || thread.personId === userId)
    .sort((a, b) => b.updatedAt - a.updatedAt);
  const wishes = parseFields(textParam(call, 'fields') ?? 'link,updated_time');
  return page(
    threads.map((thread) => project(threadNode(stage, call, thread), wishes)),
    { limit: textParam(call, 'limit'), after: textParam(call, 'after') },
    (after) => nextPage(stage, call, `${node.id}/conversations`, after),
  );
}

/** A Page lists its Instagram account's conversations with platform=instagram. */
function accountFor(stage: Stage, call: GraphCallContext, node: Account): Account {
  const platform = (
    textParam(call, 'platform') ?? (node.kind === 'instagram' ? 'instagram' : 'messenger')
  ).toLowerCase();
  if (platform === 'messenger' && node.kind === 'page') return node;
  if (platform !== 'instagram') throw invalidParameter('Param platform must be one of {INSTAGRAM, MESSENGER}');
  const account = node.kind === 'instagram' ? node : stage.registry.linkedInstagram(node.id);
  if (account === undefined) throw noSuchUser();
  return account;
}

export function threadOf(stage: Stage, call: GraphCallContext, id: string): Thread | undefined {
  const thread = [...stage.world.threads.values()].find((candidate) => candidate.id === id);
  return thread !== undefined && call.user?.accountIds.has(thread.accountId) === true ? thread : undefined;
}

export function readThread(stage: Stage, call: GraphCallContext, thread: Thread): unknown {
  return project(threadNode(stage, call, thread), parseFields(textParam(call, 'fields') ?? 'link,updated_time'));
}

/** GET /{conversation-id}/messages, and `messages` as a field: newest first. */
export function listMessages(stage: Stage, call: GraphCallContext, thread: Thread, wish?: FieldWish): unknown {
  const newest = thread.messages.filter((message) => !message.deleted).sort((a, b) => b.at - a.at);
  const asked = wish === undefined ? textParam(call, 'fields') : undefined;
  const wishes = wish?.children ?? parseFields(asked ?? 'id,created_time');
  const readable = new Set(newest.slice(0, READABLE_MESSAGES).map((message) => message.id));
  const items = newest.map((message) => {
    const node = messageNode(stage, message);
    return project(readable.has(message.id) ? node : withoutDetails(node), wishes);
  });
  const paged = wish?.args ?? { limit: textParam(call, 'limit'), after: textParam(call, 'after') };
  return page(items, paged, (after) => nextPage(stage, call, `${thread.id}/messages`, after));
}

export function readMessage(stage: Stage, call: GraphCallContext, message: StoredMessage): unknown {
  if (message.deleted) throw unknownNode(call.method, message.id);
  return project(messageNode(stage, message), parseFields(textParam(call, 'fields') ?? 'id,created_time'));
}

function threadNode(stage: Stage, call: GraphCallContext, thread: Thread): NodeFields {
  const account = stage.registry.account(thread.accountId);
  const person = stage.world.person(account, thread.personId);
  return {
    id: thread.id,
    link: `/${account.id}/inbox/${thread.id.slice(2)}/`,
    updated_time: graphTime(thread.updatedAt),
    message_count: thread.messages.length,
    unread_count: 0,
    can_reply: true,
    participants: { data: [sideOf(account, person, true), sideOf(account, person, false)] },
    senders: { data: [sideOf(account, person, true), sideOf(account, person, false)] },
    messages: (wish: FieldWish) =>
      listMessages(stage, call, thread, { ...wish, children: wish.children ?? parseFields('id,created_time') }),
  };
}

function withoutDetails(node: NodeFields): NodeFields {
  const kept = { id: node['id'], created_time: node['created_time'] };
  return { ...Object.fromEntries(Object.keys(node).map((name) => [name, undefined])), ...kept };
}

function messageNode(stage: Stage, message: StoredMessage): NodeFields {
  const account = stage.registry.account(message.accountId);
  const person = stage.world.person(account, message.personId);
  const linked = linkedAttachments(stage, message.attachments);
  return {
    id: message.id,
    created_time: graphTime(message.at),
    from: sideOf(account, person, message.fromPerson),
    to: { data: [sideOf(account, person, !message.fromPerson)] },
    message: message.text ?? '',
    attachments:
      linked.length === 0
        ? undefined
        : { data: linked.map(({ type, url, mime, filename }) => attachmentNode(type, url, mime, filename)) },
    reply_to: message.replyTo === undefined ? undefined : { mid: message.replyTo },
    tags: undefined,
  };
}

function attachmentNode(type: string, url?: string, mime?: string, name?: string): Record<string, unknown> {
  if (type === 'image') return { mime_type: mime, name, image_data: { url, preview_url: url } };
  if (type === 'video') return { mime_type: mime, name, video_data: { url } };
  return { mime_type: mime, name, file_url: url };
}

function sideOf(account: Account, person: Person | undefined, ofPerson: boolean): Record<string, unknown> {
  if (!ofPerson)
    return account.kind === 'page'
      ? { name: account.name, id: account.id }
      : { username: account.instagram?.username, id: account.id };
  if (person === undefined) return {};
  return account.kind === 'page' ? { name: person.name, id: person.id } : { username: person.username, id: person.id };
}
