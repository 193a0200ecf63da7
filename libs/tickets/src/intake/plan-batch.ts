import type { InboundMessageV1 } from '@fanin/contracts';
import { recordEvent } from '../events/ticket-events.js';
import { afterCustomerMessage } from '../lifecycle/lifecycle.js';
import { applyDeliveryNews } from '../receipts/sent-messages.js';
import { participantKey } from '../threading/keys.js';
import { participantsOf, withParticipants } from '../threading/participants.js';
import { routeAutomatic, routeMessage, type Route } from '../threading/route.js';
import type { TicketState } from '../tickets/ticket-state.js';
import type { KeyedMessage } from './batch-keys.js';
import type { BatchPlan } from './batch-plan.js';
import { StaleRead, type BatchState } from './batch-state.js';
import { newsOfReport } from './delivery-report.js';
import { duplicateFate } from './fates.js';
import { reportedMessageId } from './lookup.js';
import { planAccountMessage } from './plan-account-message.js';
import { planAmendment } from './plan-amendment.js';
import { PlanContext, type PlanOptions } from './plan-context.js';

/**
 * Decides what a batch writes. No IO: it works on what was read and locked, and it adds to that what it makes, so that the
 * messages of a batch meet each other exactly as they would meet in separate transactions.
 */
export function planBatch(batch: readonly KeyedMessage[], state: BatchState, options: PlanOptions): BatchPlan {
  const context = new PlanContext(state, options);
  for (const keyed of batch) plan(context, keyed);
  return context.result;
}

function plan(context: PlanContext, keyed: KeyedMessage): void {
  const { message } = keyed;
  const first = context.state.messages.get(keyed.dedupeKey);
  if (first !== undefined) {
    // The same delivery again: its fate was decided with the row and left with it.
    if (first.deliveryId === message.delivery_id) return;
    context.result.fates.push(duplicateFate(message, first, context.options.now));
    return;
  }
  if (message.amends !== undefined) return planAmendment(context, keyed, message.amends);
  const own = context.state.references.get(keyed.ownRef);
  if (own?.origin === 'sent')
    return context.suppress(keyed, 'own_echo', `${message.provider_message_id} was sent by us`, own.ticketId);
  if (message.automatic !== null) planAutomatic(context, keyed, message.automatic);
  else if (message.author === 'account') planAccountMessage(context, keyed);
  else planPublic(context, keyed);
}

function planPublic(context: PlanContext, keyed: KeyedMessage): void {
  const { message } = keyed;
  const customerId = context.customerOf(keyed);
  const route = routeMessage(message, context.factsFor(keyed));
  const found = route.ticket;
  const effect = found === undefined ? undefined : afterCustomerMessage(found.status);
  const { threading } = route;
  const actor = { type: 'customer', id: customerId } as const;
  if (found === undefined || effect === undefined || effect === 'follow_up') {
    const ticket = context.openTicket(keyed, customerId, found ?? null);
    mergeLateAnswers(context, keyed, ticket);
    context.addMessage(keyed, ticket, { kind: 'public', threading, type: 'ticket.created', actor });
    return;
  }
  mergeLateAnswers(context, keyed, found);
  admit(found, message, route);
  const changes = context.setStatus(found, effect.status);
  const type = effect.reopens ? 'ticket.reopened' : 'message.added';
  context.addMessage(keyed, found, { kind: 'public', threading, type, actor, changes });
}

function planAutomatic(
  context: PlanContext,
  keyed: KeyedMessage,
  mark: NonNullable<InboundMessageV1['automatic']>,
): void {
  const { state, result, options } = context;
  const route = routeAutomatic(keyed.message, context.factsFor(keyed));
  const ticket = route?.ticket;
  if (route === undefined || ticket === undefined) return context.suppress(keyed, mark.rule, mark.evidence, null);
  context.addMessage(keyed, ticket, {
    kind: 'event',
    threading: route.threading,
    type: 'message.added',
    actor: { type: 'system', id: null },
    suppressedBy: mark,
  });
  const sentId = reportedMessageId(keyed.message, state);
  const sent = sentId === undefined ? undefined : state.sent.get(sentId);
  const news = newsOfReport(keyed.message);
  if (sent === undefined || news === undefined) return;
  const holder = state.tickets.get(sent.ticketId);
  if (holder === undefined) throw new StaleRead('the ticket of a reported message');
  const event = applyDeliveryNews(holder, sent, news, options.now);
  if (event === undefined) return;
  result.events.push(event);
  result.deliveries.add(sent);
}

function admit(ticket: TicketState, message: InboundMessageV1, route: Route<TicketState>): void {
  const coming = participantsOf(message);
  const isMember = route.admits || ticket.participants.includes(participantKey(message.sender));
  const participants = isMember ? withParticipants(ticket.participants, coming) : ticket.participants;
  if (participants !== ticket.participants) ticket.participants = participants;
}

/**
 * The message has its ticket, and an answer to it that came first has opened another one (cut References, two
 * partitions): the two are one conversation. Only while nobody has worked on the other one.
 */
function mergeLateAnswers(context: PlanContext, keyed: KeyedMessage, into: TicketState): void {
  const own = context.state.references.get(keyed.ownRef);
  if (own?.origin !== 'referenced' && own?.origin !== 'awaited') return;
  const from = context.current(own.ticketId);
  if (from === undefined || from === into || !isUntouched(from)) return;
  if (!from.participants.includes(participantKey(keyed.message.sender))) return;
  const changes = context.setStatus(from, 'closed');
  changes.push({ field: 'tags', from: null, to: 'merged' });
  from.tags = ['merged'];
  from.followedUpBy = into.id;
  into.participants = withParticipants(into.participants, from.participants);
  const { now } = context.options;
  context.result.events.push(
    recordEvent(from, {
      type: 'ticket.changed',
      occurredAt: now,
      recordedAt: now,
      actor: { type: 'system', id: 'late_parent' },
      changes,
    }),
  );
  context.result.merges.push({
    from,
    into,
    evidence: `joined when ${keyed.message.provider_message_id} came, which it answers`,
  });
}

function isUntouched(ticket: TicketState): boolean {
  return (
    ticket.status === 'new' &&
    ticket.firstRepliedAt === null &&
    ticket.assigneeId === null &&
    ticket.teamId === null &&
    ticket.tags.length === 0
  );
}
