import { ControlError } from '@fanin/simulators/core';
import {
  deliveryPart,
  echoField,
  editPart,
  messagePart,
  messagingUpdate,
  postbackPart,
  reactionPart,
  readField,
  readPart,
  unsendPart,
  unsupportedPart,
} from '../events/direct.js';
import type { Account, Person, StoredMessage } from '../model.js';
import type { Stage } from '../stage.js';
import type { DirectInbound, InboundResult } from './bodies.js';
import { attachmentOf, linkedAttachments, needed, personOf, timeOf } from './shared.js';

/** The Page inbox is an app of Meta's own. */
const PAGE_INBOX_APP = '263902037430900';

interface Scene {
  stage: Stage;
  account: Account;
  person: Person;
  at: number;
  body: DirectInbound;
}

/** Somebody does something in a Messenger or Instagram conversation. Answers the id of the message made or meant. */
export function directInbound(stage: Stage, body: DirectInbound): InboundResult {
  const account = stage.registry.accountOf(body.channel === 'messenger' ? 'page' : 'instagram', body.account);
  const meant = body.mid === undefined ? undefined : stage.world.messages.get(body.mid);
  const from = body.from ?? (meant?.accountId === account.id ? meant.personId : undefined);
  const person = personOf(stage, account, from);
  const scene: Scene = { stage, account, person, at: timeOf(stage, body.at), body };
  const id = play(scene);
  const thread = stage.world.thread(account, person);
  return { id, from: person.id, account: account.id, at: new Date(scene.at).toISOString(), thread_id: thread.id };
}

function play(scene: Scene): string {
  switch (scene.body.kind ?? 'message') {
    case 'message':
      return writes(scene);
    case 'postback':
      return presses(scene);
    case 'reaction':
      return reacts(scene);
    case 'edit':
      return edits(scene);
    case 'unsend':
      return unsends(scene);
    case 'read':
      return reads(scene);
    case 'delivery':
      return receives(scene);
    case 'echo':
      return echoes(scene);
    case 'unsupported':
      return sendsUnsupported(scene);
    default:
      throw new ControlError(`"kind" ${String(scene.body.kind)} is not one of a conversation`);
  }
}

function post(
  scene: Scene,
  field: string,
  part: Record<string, unknown>,
  more: { fromUs?: boolean; timed?: boolean } = {},
) {
  const { account, person, at, body, stage } = scene;
  stage.outbox.post(messagingUpdate(account, at, field, part, { person, ...more, standby: body.standby === true }));
}

function store(scene: Scene, fromPerson: boolean): StoredMessage {
  const { stage, account, person, at, body } = scene;
  const attachments = (body.attachments ?? []).map((input) => attachmentOf(stage, account, input));
  const text = body.text ?? (attachments.length === 0 ? 'Hello, is anybody there?' : undefined);
  return stage.world.addMessage(account, person, {
    id: stage.world.newMid(account, person.id, !fromPerson),
    fromPerson,
    at,
    attachments,
    ...(text === undefined ? {} : { text }),
    ...(typeof body.reply_to === 'string' ? { replyTo: body.reply_to } : {}),
  });
}

function writes(scene: Scene): string {
  const { stage, account, person, at, body } = scene;
  const message = store(scene, true);
  stage.world.opened(account, person, at);
  const replyTo = typeof body.reply_to === 'string' ? { mid: body.reply_to } : body.reply_to;
  const extra = {
    ...(body.quick_reply === undefined ? {} : { quick_reply: { payload: body.quick_reply } }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
  };
  post(scene, 'messages', messagePart(message, linkedAttachments(stage, message.attachments), extra));
  return message.id;
}

/** The press stands in the conversation as the button's title. */
function presses(scene: Scene): string {
  const { stage, account, person, at, body } = scene;
  const title = body.title ?? body.text ?? 'Get started';
  const message = store({ ...scene, body: { ...body, text: title } }, true);
  stage.world.opened(account, person, at);
  post(scene, 'messaging_postbacks', postbackPart(message.id, title, body.payload ?? 'GET_STARTED'));
  return message.id;
}

/** "Reactions, like other user actions, open the 24-hour window." */
function reacts(scene: Scene): string {
  const { stage, account, person, at, body } = scene;
  const mid = needed(body.mid, 'mid', 'reaction');
  stage.world.opened(account, person, at);
  post(
    scene,
    'message_reactions',
    reactionPart(mid, body.action ?? 'react', body.reaction ?? 'love', body.emoji ?? '\u2764\ufe0f'),
  );
  return mid;
}

function edits(scene: Scene): string {
  const message = meantMessage(scene, 'edit');
  message.text = needed(scene.body.text, 'text', 'edit');
  message.edits += 1;
  post(scene, 'message_edits', editPart(message.id, message.text, message.edits));
  return message.id;
}

function unsends(scene: Scene): string {
  const message = meantMessage(scene, 'unsend');
  message.deleted = true;
  post(scene, 'messages', unsendPart(message.id));
  return message.id;
}

function reads(scene: Scene): string {
  const { stage, account, person, at, body } = scene;
  const ours = stage.world.thread(account, person).messages.filter((message) => !message.fromPerson);
  const mid = body.mid ?? ours.at(-1)?.id;
  post(scene, readField(account), readPart(account, body.watermark ?? at, mid));
  return mid ?? '';
}

/** Deliveries are told on Messenger only; they carry no time of their own but the watermark. */
function receives(scene: Scene): string {
  if (scene.account.kind !== 'page') throw new ControlError('Instagram tells nothing of deliveries; use "read"');
  const { body, at } = scene;
  post(scene, 'message_deliveries', deliveryPart(body.watermark ?? at, body.mids), { timed: false });
  return body.mids?.at(-1) ?? '';
}

/** Somebody answered with another tool. */
function echoes(scene: Scene): string {
  const { stage, account, body } = scene;
  const message = store(scene, false);
  const linked = linkedAttachments(stage, message.attachments);
  const part = messagePart(message, linked, { is_echo: true, app_id: Number(body.app_id ?? PAGE_INBOX_APP) });
  post(scene, echoField(account), part, { fromUs: true });
  return message.id;
}

function sendsUnsupported(scene: Scene): string {
  const { stage, account, person, at } = scene;
  const message = store({ ...scene, body: { ...scene.body, text: '' } }, true);
  stage.world.opened(account, person, at);
  post(scene, 'messages', unsupportedPart(message.id));
  return message.id;
}

function meantMessage({ stage, body, account }: Scene, kind: string): StoredMessage {
  const mid = needed(body.mid, 'mid', kind);
  const message = stage.world.messages.get(mid);
  if (message?.accountId !== account.id) throw new ControlError(`no message ${mid} at account ${account.id}`);
  return message;
}
