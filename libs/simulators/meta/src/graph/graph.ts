import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import { expiredVersion, GraphError, unknownNode, unknownPath } from '../errors.js';
import type { Account } from '../model.js';
import type { Stage } from '../stage.js';
import { listPosts, ownAccount, phoneNode, readAccount, readPerson, readPost } from './accounts.js';
import { appSubscriptions, debugToken } from './app-edges.js';
import type { Subscriber } from './app-edges.js';
import { uploadAttachment } from './attachments.js';
import {
  answerMention,
  answerPublicly,
  commentOf,
  commentOnPost,
  deleteComment,
  listComments,
  readComment,
} from './comments.js';
import { listConversations, listMessages, readMessage, readThread, threadOf } from './conversations.js';
import { passGate, usageHeaders } from './gate.js';
import { messageOf, sendMessage } from './messages.js';
import { readGraphRequest } from './request.js';
import type { GraphCallContext } from './request.js';
import { deleteMedia, mediaOf, readMedia, uploadMedia } from './whatsapp-media.js';
import { sendWhatsapp } from './whatsapp-send.js';

/** `/v25.0/{node}/{edge}`: version, token, then the node decides. Every call is kept for `calls()`. */
export async function answerGraph(
  stage: Stage,
  request: SimulatorRequest,
  subscribe: Subscriber,
): Promise<SimulatorReply> {
  let reply: SimulatorReply;
  let code: number | undefined;
  try {
    reply = await carryOut(stage, request, subscribe);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    code = error.body.code;
    reply = errorReply(stage, error);
  }
  const failed = code === undefined ? {} : { code };
  const at = new Date(stage.clock.now()).toISOString();
  stage.world.addCall({ at, method: request.method, path: request.path, status: reply.status, ...failed });
  return reply;
}

export function errorReply(stage: Stage, error: GraphError): SimulatorReply {
  const trace = stage.world.ids.trace();
  const headers = {
    'www-authenticate': `OAuth "Facebook Platform" "invalid_request" "${error.body.message.replace(/"/g, "'")}"`,
  };
  return jsonReply(
    error.status,
    { error: { ...error.body, fbtrace_id: trace } },
    { ...(error.body.type === 'OAuthException' ? headers : {}), ...error.headers, 'x-fb-trace-id': trace },
  );
}

async function carryOut(stage: Stage, request: SimulatorRequest, subscribe: Subscriber): Promise<SimulatorReply> {
  const [version = '', ...path] = request.path
    .split('/')
    .filter((part) => part !== '')
    .map(decodedPart);
  checkVersion(stage, version, path);
  const call = passGate(stage, await readGraphRequest(request, path));
  const body = await answerNode(stage, call, subscribe);
  return jsonReply(200, body, { 'facebook-api-version': version, ...usageHeaders(stage, call.app, call.accounts) });
}

function checkVersion(stage: Stage, version: string, path: readonly string[]): void {
  if (stage.settings.versions.includes(version)) return;
  if (stage.settings.expiredVersions.includes(version)) throw expiredVersion(stage.settings.versions.at(-1) ?? 'v25.0');
  throw unknownPath(`/${/^v\d+\.\d+$/.test(version) ? path.join('/') : [version, ...path].join('/')}`);
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function answerNode(stage: Stage, call: GraphCallContext, subscribe: Subscriber): Promise<unknown> {
  const [node = '', edge, ...rest] = call.path;
  if (rest.length > 0) throw unknownPath(`/${call.path.join('/')}`);
  if (node === 'debug_token') return debugToken(stage, call);
  const app = stage.registry.apps.get(node);
  if (app !== undefined && edge === 'subscriptions') return appSubscriptions(call, app, subscribe);
  const account = node === 'me' ? ownAccount(call) : call.accounts.find((one) => one.id === node);
  if (account !== undefined) return answerAccount(stage, call, account, edge);
  const phones = stage.registry.phonesOf(node).filter((phone) => call.accounts.includes(phone));
  if (phones.length > 0) return answerWaba(call, phones, edge);
  return answerObject(stage, call, node, edge);
}

function answerAccount(stage: Stage, call: GraphCallContext, account: Account, edge: string | undefined): unknown {
  const phone = account.kind === 'phone';
  switch (`${call.method} ${edge ?? ''}`) {
    case 'GET ':
      return readAccount(stage, call, account);
    case 'POST messages':
      return phone ? sendWhatsapp(stage, call, account) : sendMessage(stage, call, account);
    case 'POST media':
      if (phone) return uploadMedia(stage, call, account);
      break;
    case 'POST message_attachments':
      if (!phone) return uploadAttachment(stage, call, account);
      break;
    case 'GET conversations':
      if (!phone) return listConversations(stage, call, account);
      break;
    case 'GET feed':
      if (account.kind === 'page') return listPosts(stage, call, account);
      break;
    case 'GET media':
      if (account.kind === 'instagram') return listPosts(stage, call, account);
      break;
    case 'POST mentions':
      if (account.kind === 'instagram') return answerMention(stage, call, account);
      break;
    case 'POST subscribed_apps':
      return { success: true };
    case 'GET subscribed_apps':
      return { data: [...account.appIds].map((id) => ({ id, name: 'Fanin' })) };
  }
  throw unknownNode(call.method, call.path.join('/'));
}

function answerWaba(call: GraphCallContext, phones: readonly Account[], edge: string | undefined): unknown {
  const [first] = phones;
  switch (`${call.method} ${edge ?? ''}`) {
    case 'GET ':
      return { id: first?.entryId, name: first?.name, currency: 'EUR', timezone_id: '1' };
    case 'GET phone_numbers':
      return { data: phones.map(phoneNode) };
    case 'GET message_templates':
      return {
        data: phones
          .flatMap((phone) => phone.phone?.templates ?? [])
          .map((template) => ({ ...template, status: template.status ?? 'APPROVED', category: 'UTILITY' })),
      };
    case 'POST subscribed_apps':
      return { success: true };
    case 'GET subscribed_apps':
      return { data: [...(first?.appIds ?? [])].map((id) => ({ whatsapp_business_api_data: { id, name: 'Fanin' } })) };
  }
  throw unknownNode(call.method, call.path.join('/'));
}

/** Everything that is no account: comments, posts, conversations, messages, media, people. */
function answerObject(stage: Stage, call: GraphCallContext, id: string, edge: string | undefined): unknown {
  const action = `${call.method} ${edge ?? ''}`;
  const comment = commentOf(stage, call, id);
  if (comment !== undefined) {
    const edgeOf = comment.platform === 'page' ? 'comments' : 'replies';
    if (action === 'GET ') return readComment(stage, call, comment);
    if (action === `GET ${edgeOf}`) return listComments(stage, call, id);
    if (action === `POST ${edgeOf}` && !comment.mention) return answerPublicly(stage, call, comment);
    if (action === 'DELETE ') return deleteComment(stage, call, comment);
  }
  const post = stage.world.posts.get(id);
  if (post !== undefined && call.user?.accountIds.has(post.accountId) === true && post.owner === undefined) {
    if (action === 'GET ') return readPost(stage, call, post);
    if (action === 'GET comments') return listComments(stage, call, id);
    if (action === 'POST comments') return commentOnPost(stage, call, stage.registry.account(post.accountId), post);
  }
  const thread = threadOf(stage, call, id);
  if (thread !== undefined && action === 'GET ') return readThread(stage, call, thread);
  if (thread !== undefined && action === 'GET messages') return listMessages(stage, call, thread);
  const media = mediaOf(stage, call, id);
  if (media !== undefined && action === 'GET ') return readMedia(stage, call, media);
  if (media !== undefined && action === 'DELETE ') return deleteMedia(stage, media);
  if (action !== 'GET ') throw unknownNode(call.method, id);
  for (const account of call.accounts) {
    const person = account.kind === 'phone' ? undefined : stage.world.person(account, id);
    if (person !== undefined) return readPerson(stage, call, account, person);
  }
  return readMessage(stage, call, messageOf(stage, call, id).message);
}
