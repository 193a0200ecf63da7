import type { SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import type { GraphClient } from '../graph/graph-client.js';
import { outboundMark } from '../messaging/metadata.js';
import { SEVEN_DAYS_MS, STANDARD_MS } from '../messaging/windows.js';
import { textAt, type Json } from '../wire/json.js';
import { postOnce } from './post-once.js';
import { closedSince, refused, type Failed } from './refusal.js';

export interface DirectSender {
  readonly graph: GraphClient;
  readonly platform: 'messenger' | 'instagram';
  /** Node whose /messages and /conversations are called: the Page, or the Instagram account with its own login. */
  readonly node: string;
  /** Who we are in a conversation: Page id or Instagram account id. */
  readonly self: string;
}

/** The tag of a send, as far as our clock knows the window. Meta has the last word. */
type Allowed =
  { readonly messaging_type: 'RESPONSE' } | { readonly messaging_type: 'MESSAGE_TAG'; readonly tag: 'HUMAN_AGENT' };

/** Within 24 hours anything; to 7 days only what a person wrote (message tag HUMAN_AGENT). */
export function directAllowance(message: OutboundMessageV1, nowMs: number): Allowed | Failed {
  const from = message.provider_fields['window_from'];
  const age = nowMs - Date.parse(from ?? '');
  if (from === undefined || Number.isNaN(age) || age <= STANDARD_MS) return { messaging_type: 'RESPONSE' };
  if (message.kind !== 'reply') return closedSince(from, STANDARD_MS, 'standard');
  if (age > SEVEN_DAYS_MS) return closedSince(from, SEVEN_DAYS_MS, 'human_agent');
  return { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
}

/** The scoped id that the conversation is with. */
export function customerIdOf(message: OutboundMessageV1, { platform, self }: DirectSender): string {
  const named = message.provider_fields['customer'];
  if (named !== undefined && named !== '') return named;
  const prefix = `${platform}:${self}:`;
  const party = message.to.find(({ id }) => id.startsWith(prefix));
  if (party === undefined)
    throw new FaninError(
      'BAD_PAYLOAD',
      'the reply names no customer of this account: provider_fields.customer is missing',
    );
  return party.id.slice(prefix.length);
}

export async function sendDirect(
  sender: DirectSender,
  message: OutboundMessageV1,
  nowMs: number,
  signal: AbortSignal,
): Promise<SendOutcome> {
  if (message.visibility === 'public') return refused('a direct message cannot be answered in public');
  const allowance = directAllowance(message, nowMs);
  if ('status' in allowance) return allowance;
  const body = { recipient: { id: customerIdOf(message, sender) }, ...allowance, message: textOf(sender, message) };
  return sentOf(await postOnce(sender.graph, `${sender.node}/messages`, body, { signal, doubtFaults: true }));
}

/** To the author of a comment: once, within 7 days (…/private-replies). */
export async function sendPrivateReply(
  sender: DirectSender,
  message: OutboundMessageV1,
  nowMs: number,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { comment_id: commentId, window_from: from } = message.provider_fields;
  if (commentId === undefined) return refused('the reply names no comment to answer');
  if (from !== undefined && nowMs - Date.parse(from) > SEVEN_DAYS_MS)
    return closedSince(from, SEVEN_DAYS_MS, 'private_reply');
  const body = { recipient: { comment_id: commentId }, message: textOf(sender, message) };
  return sentOf(await postOnce(sender.graph, `${sender.node}/messages`, body, { signal, doubtFaults: true }));
}

/** Messenger hands `metadata` back in the echo: it tells our reply from all others even when the answer was lost. */
function textOf({ platform }: DirectSender, { text, outbound_id: id }: OutboundMessageV1): Json {
  return platform === 'messenger' ? { text, metadata: outboundMark(id) } : { text };
}

export function sentOf(answer: Json): SendOutcome {
  return { status: 'sent', providerMessageId: textAt(answer, 'message_id') ?? textAt(answer, 'id') ?? null };
}
