import { replyEchoedBy, type UnconfirmedReply } from '../echoes/unconfirmed-replies.js';
import { afterAgentReply } from '../lifecycle/lifecycle.js';
import { applyDeliveryNews } from '../receipts/sent-messages.js';
import { routeMessage } from '../threading/route.js';
import type { KeyedMessage } from './batch-keys.js';
import { StaleRead } from './batch-state.js';
import type { PlanContext } from './plan-context.js';

/**
 * What the shop wrote with another tool: a reply by an agent whose name we do not know. It counts as one, and opens a
 * ticket that waits for the customer when the conversation is unknown or closed.
 */
export function planAccountMessage(context: PlanContext, keyed: KeyedMessage): void {
  const { message } = keyed;
  const reply = replyEchoedBy(message, context.state.unconfirmed);
  if (reply !== undefined) return adoptEcho(context, keyed, reply);
  const { ticket: found, threading } = routeMessage(message, context.factsFor(keyed));
  const placing = { kind: 'public', threading, actor: { type: 'agent', id: null } } as const;
  if (found !== undefined && found.status !== 'closed') {
    const changes = context.setStatus(found, afterAgentReply(found.status, undefined));
    found.firstRepliedAt ??= message.received_at;
    return context.addMessage(keyed, found, { ...placing, type: 'message.added', changes });
  }
  if (message.recipients.length === 0) {
    const evidence = 'the account wrote it to nobody who is named, in a conversation that is not known';
    return context.suppress(keyed, 'no_customer', evidence, null);
  }
  const opened = context.openTicket(keyed, context.customerOf(keyed), found ?? null, 'pending');
  opened.firstRepliedAt = message.received_at;
  context.addMessage(keyed, opened, { ...placing, type: 'ticket.created' });
}

/**
 * The echo of a reply of ours has overtaken the provider's answer to our call. It confirms that the reply went out and tells
 * its id; the message is kept with the claim until the answer comes, in case that names another id.
 */
function adoptEcho(context: PlanContext, keyed: KeyedMessage, reply: UnconfirmedReply): void {
  const { message, ownRef } = keyed;
  const { state, result, options } = context;
  const ticket = state.tickets.get(reply.ticketId);
  if (ticket === undefined) throw new StaleRead('the ticket of a reply');
  const at = message.provider_time ?? message.received_at;
  const providerMessageId = message.provider_message_id;
  const news = { status: 'sent', providerMessageId, code: null, reason: null, at } as const;
  const event = applyDeliveryNews(ticket, reply, news, options.now);
  if (event === undefined) reply.delivery = { ...reply.delivery, provider_message_id: providerMessageId };
  else result.events.push(event);
  result.deliveries.add(reply);
  state.unconfirmed.splice(state.unconfirmed.indexOf(reply), 1);
  context.settleAwaited(keyed, reply.id);
  context.rememberReference(ownRef, {
    ticketId: ticket.id,
    messageId: reply.id,
    origin: 'sent',
    storedOrigin: undefined,
  });
  result.echoClaims.push({ tenant: message.tenant, outboundId: reply.id, message });
  const evidence = `the words of ${reply.id}, whose id at the provider was not known yet`;
  context.suppress(keyed, 'own_echo', evidence, ticket.id, reply.id);
}
