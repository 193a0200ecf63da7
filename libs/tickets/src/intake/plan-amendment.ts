import type { Actor, Amendment } from '@fanin/contracts';
import { amendedMessageId } from '../amendments/amended-message-id.js';
import { holdsContent } from '../amendments/amended-message.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { referenceKeyOf, type KeyedMessage } from './batch-keys.js';
import type { PlanContext } from './plan-context.js';

/**
 * News about an earlier message: an event row on the ticket of that message, which it changes now or when it comes. It
 * neither reopens nor continues a ticket. When neither the message nor its conversation is known, only what has content
 * of its own opens a ticket: nothing that somebody wrote may be lost, while a reaction to nothing says nothing.
 */
export function planAmendment(context: PlanContext, keyed: KeyedMessage, amends: Amendment): void {
  const { message } = keyed;
  const { state, result } = context;
  const targetRef = referenceKeyOf(message, amends.provider_message_id);
  const known = state.references.get(targetRef);
  const isHere = known !== undefined && (known.origin === 'seen' || known.origin === 'sent');
  const ticket = (isHere ? state.tickets.get(known.ticketId) : undefined) ?? context.conversationTicket(keyed);
  if (ticket === undefined && !holdsContent(amends)) {
    const evidence = `${amends.change} of ${amends.provider_message_id}, of which nothing is known`;
    return context.suppress(keyed, 'orphan_amendment', evidence, null);
  }
  const target = isHere
    ? known.messageId
    : amendedMessageId(message.tenant, message.account_id, amends.provider_message_id);
  result.amendments.set(message.message_id, result.amendments.get(target) ?? target);
  const holder = place(context, keyed, ticket, amends);
  if (!isHere) {
    context.rememberReference(targetRef, {
      ticketId: holder.id,
      messageId: message.message_id,
      origin: 'awaited',
      storedOrigin: undefined,
    });
  }
}

function place(
  context: PlanContext,
  keyed: KeyedMessage,
  ticket: TicketState | undefined,
  amends: Amendment,
): TicketState {
  const evidence = `${amends.change} ${amends.provider_message_id}`.slice(0, 500);
  const placing = { kind: 'event', threading: { rule: 'amends', evidence } } as const;
  if (ticket !== undefined) {
    context.addMessage(keyed, ticket, { ...placing, type: 'message.added', actor: actorOf(context, keyed, amends) });
    return ticket;
  }
  const customerId = context.customerOf(keyed);
  const opened = context.openTicket(keyed, customerId, null);
  context.addMessage(keyed, opened, {
    ...placing,
    type: 'ticket.created',
    actor: { type: 'customer', id: customerId },
  });
  return opened;
}

function actorOf(context: PlanContext, keyed: KeyedMessage, { change }: Amendment): Actor {
  if (change === 'transcribed') return { type: 'system', id: null };
  if (keyed.message.author === 'account') return { type: 'agent', id: null };
  return { type: 'customer', id: context.state.identities.get(keyed.identityKey)?.customerId ?? null };
}
