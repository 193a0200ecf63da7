import type { InboundMessageV1 } from '@fanin/contracts';
import type { ReferenceOrigin } from '../schema/entities/message-reference.entity.js';
import type { ThreadingEvidence } from '../schema/entities/message.entity.js';
import { participantKey } from './keys.js';
import { customerParty, isUnverified } from './participants.js';
import { ticketNumberIn } from './subject-tag.js';

/** What routing must know of a ticket. */
export interface RoutableTicket {
  readonly id: string;
  readonly participants: readonly string[];
  readonly customerId: string;
}

export interface KnownReference<T> {
  readonly ticket: T;
  readonly origin: ReferenceOrigin;
}

/** Questions that routing asks; answered from what was read for the batch. All stay within the message's tenant. */
export interface RoutingFacts<T extends RoutableTicket> {
  byToken(token: string): T | undefined;
  byReference(providerMessageId: string): KnownReference<T> | undefined;
  byConversation(): T | undefined;
  byNumber(number: number): T | undefined;
  /** Customer behind the sender, when known. */
  readonly senderCustomerId: string | undefined;
}

/** `ticket` undefined: a new ticket. */
export interface Route<T> {
  readonly ticket: T | undefined;
  readonly threading: ThreadingEvidence;
  /** The sender proved that we gave him the address: he takes part from now on. */
  readonly admits: boolean;
  /** `late_parent` only: the answer was here first. */
  readonly lateParent?: boolean;
}

const MAX_EVIDENCE = 500;

function evidence(rule: string, text: string | null): ThreadingEvidence {
  return { rule, evidence: text === null ? null : text.slice(0, MAX_EVIDENCE) };
}

/** The references that are looked at and indexed: the nearest, and the last (the root of the thread). */
export function usedReferences(message: InboundMessageV1): readonly string[] {
  const all = message.threading.references;
  return all.length <= 20 ? all : [...all.slice(0, 19), ...all.slice(-1)];
}

/**
 * Finds the ticket of a person's message. The rules in order: the signed reply token, then
 * references from the nearest, then the conversation, then the subject's tag with the same sender. Every rule but the
 * token asks the sender guard: only who takes part in a ticket (its customer, or someone whom an earlier message was
 * openly sent to) may enter it. Knowing a Message-ID is not enough, also when it is our own and signed: it is known to
 * everyone whom the mail was forwarded to, while the token is known to those whom we wrote to.
 */
export function routeMessage<T extends RoutableTicket>(message: InboundMessageV1, facts: RoutingFacts<T>): Route<T> {
  const token = message.threading.reply_token;
  const byToken = token === null ? undefined : facts.byToken(token);
  if (byToken !== undefined) {
    return { ticket: byToken, threading: evidence('reply_token', `reply token ${token ?? ''}`), admits: true };
  }
  const refused: string[] = [];
  const guarded = (ticket: T | undefined, what: string): T | undefined => {
    if (ticket === undefined || ticket.participants.includes(participantKey(customerParty(message)))) return ticket;
    refused.push(what);
    return undefined;
  };
  const found =
    routeByReferences(message, facts, guarded) ??
    routeByConversation(message, facts, guarded) ??
    routeByOwnId(message, facts, guarded) ??
    routeBySubject(message, facts, refused);
  if (found !== undefined) return found;
  const reason = refused[0];
  const threading =
    reason === undefined ? evidence('new', null) : evidence('sender_guard', `${reason}, sender takes no part in it`);
  return { ticket: undefined, threading, admits: false };
}

type Guard<T> = (ticket: T | undefined, what: string) => T | undefined;

function routeByReferences<T extends RoutableTicket>(
  message: InboundMessageV1,
  facts: RoutingFacts<T>,
  guarded: Guard<T>,
): Route<T> | undefined {
  for (const [index, id] of usedReferences(message).entries()) {
    const ticket = guarded(facts.byReference(id)?.ticket, `reference ${id}`);
    if (ticket !== undefined)
      return { ticket, threading: evidence('references', `reference ${index + 1}: ${id}`), admits: false };
  }
  return undefined;
}

/** In channels other than e-mail the provider, not the sender, says which conversation a message is in. */
function routeByConversation<T extends RoutableTicket>(
  message: InboundMessageV1,
  facts: RoutingFacts<T>,
  guarded: Guard<T>,
): Route<T> | undefined {
  const found = facts.byConversation();
  const what = `conversation ${message.conversation_key}`;
  const ticket = message.channel === 'email' ? guarded(found, what) : found;
  return ticket === undefined
    ? undefined
    : { ticket, threading: evidence('conversation_key', what), admits: message.channel !== 'email' };
}

/** An answer to this very message was here before it, or another account of the tenant received the same mail. */
function routeByOwnId<T extends RoutableTicket>(
  message: InboundMessageV1,
  facts: RoutingFacts<T>,
  guarded: Guard<T>,
): Route<T> | undefined {
  const id = message.provider_message_id;
  const own = facts.byReference(id);
  const ticket = guarded(own?.ticket, `own id ${id}`);
  if (ticket === undefined) return undefined;
  const lateParent = own?.origin === 'referenced' || own?.origin === 'awaited';
  return {
    ticket,
    threading: lateParent
      ? evidence('late_parent', `an earlier message of the ticket answers ${id}`)
      : evidence('same_message', `${id} came in by another account`),
    admits: false,
    lateParent,
  };
}

function routeBySubject<T extends RoutableTicket>(
  message: InboundMessageV1,
  facts: RoutingFacts<T>,
  refused: string[],
): Route<T> | undefined {
  const number = ticketNumberIn(message.subject);
  const ticket = number === undefined ? undefined : facts.byNumber(number);
  if (number === undefined || ticket === undefined) return undefined;
  if (!isUnverified(message) && facts.senderCustomerId === ticket.customerId) {
    return { ticket, threading: evidence('subject_tag', `[#${number}] by the customer of the ticket`), admits: false };
  }
  refused.push(`subject tag [#${number}]`);
  return undefined;
}

/**
 * Finds the ticket that a machine's message belongs to. It opens, changes and reopens nothing, so an id of a mail that we
 * sent is enough; other ids ask the sender guard as above.
 */
export function routeAutomatic<T extends RoutableTicket>(
  message: InboundMessageV1,
  facts: RoutingFacts<T>,
): Route<T> | undefined {
  const report = message.delivery_report;
  const token = report?.outbound_id ?? message.threading.reply_token;
  const byToken = token === null ? undefined : facts.byToken(token);
  if (byToken !== undefined)
    return { ticket: byToken, threading: evidence('reply_token', `token ${token ?? ''}`), admits: false };
  const reported = report?.provider_message_id;
  for (const id of reported === null || reported === undefined
    ? usedReferences(message)
    : [reported, ...usedReferences(message)]) {
    const known = facts.byReference(id);
    if (known === undefined) continue;
    if (known.origin === 'sent' || known.ticket.participants.includes(participantKey(message.sender))) {
      return {
        ticket: known.ticket,
        threading: evidence(id === reported ? 'delivery_report' : 'references', `reference ${id}`),
        admits: false,
      };
    }
  }
  return undefined;
}
