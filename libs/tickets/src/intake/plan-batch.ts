import type { EventMessage, FieldChange, InboundMessageV1, TicketEventType, TicketStatus } from '@fanin/contracts';
import { recordEvent } from '../events/ticket-events.js';
import { afterCustomerMessage, timesOfChange } from '../lifecycle/lifecycle.js';
import { applyDeliveryNews } from '../receipts/sent-messages.js';
import { storableOrNull } from '../schema/storable.js';
import type { ThreadingEvidence } from '../schema/entities/message.entity.js';
import { participantKey } from '../threading/keys.js';
import { participantsOf, withParticipants } from '../threading/participants.js';
import { routeAutomatic, routeMessage, usedReferences, type Route, type RoutingFacts } from '../threading/route.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { mapKey, referenceKeyOf, type KeyedMessage } from './batch-keys.js';
import { BatchPlan } from './batch-plan.js';
import { StaleRead, type BatchState, type StoredReference } from './batch-state.js';
import { duplicateFate, fateOf } from './fates.js';
import { reportedMessageId } from './lookup.js';
import { inboundMessage } from './inbound-message-row.js';
import { newsOfReport } from './delivery-report.js';

export interface PlanOptions {
  /** Our clock, ISO 8601. */
  readonly now: string;
  readonly newId: () => string;
}

/**
 * Decides what a batch writes. No IO: it works on what was read and locked, and it adds to that what it makes, so that the
 * messages of a batch meet each other exactly as they would meet in separate transactions.
 */
export function planBatch(batch: readonly KeyedMessage[], state: BatchState, options: PlanOptions): BatchPlan {
  const planner = new BatchPlanner(state, options);
  for (const keyed of batch) planner.plan(keyed);
  return planner.result;
}

class BatchPlanner {
  readonly result = new BatchPlan();

  constructor(
    private readonly state: BatchState,
    private readonly options: PlanOptions,
  ) {}

  plan(keyed: KeyedMessage): void {
    const { message } = keyed;
    const first = this.state.messages.get(keyed.dedupeKey);
    if (first !== undefined) {
      // The same delivery again: its fate was decided with the row and left with it.
      if (first.deliveryId === message.delivery_id) return;
      this.result.fates.push(duplicateFate(message, first, this.options.now));
      return;
    }
    const own = this.state.references.get(keyed.ownRef);
    if (own?.origin === 'sent')
      return this.suppress(keyed, 'own_echo', `${message.provider_message_id} was sent by us`, own.ticketId, null);
    if (message.automatic === null) this.planPublic(keyed);
    else this.planAutomatic(keyed, message.automatic);
  }

  private planPublic(keyed: KeyedMessage): void {
    const { message } = keyed;
    const customerId = this.customerOf(keyed);
    const route = routeMessage(message, this.factsFor(keyed));
    const found = route.ticket;
    const effect = found === undefined ? undefined : afterCustomerMessage(found.status);
    if (found === undefined || effect === undefined || effect === 'follow_up') {
      const ticket = this.openTicket(keyed, customerId, found ?? null);
      this.mergeLateAnswers(keyed, ticket);
      this.addMessage(keyed, ticket, 'public', route.threading, { type: 'ticket.created', actorId: customerId });
      return;
    }
    this.mergeLateAnswers(keyed, found);
    this.admit(found, message, route);
    const changes = effect.status === found.status ? [] : this.setStatus(found, effect.status);
    const type = effect.reopens ? 'ticket.reopened' : 'message.added';
    this.addMessage(keyed, found, 'public', route.threading, { type, actorId: customerId, changes });
  }

  private planAutomatic(keyed: KeyedMessage, mark: NonNullable<InboundMessageV1['automatic']>): void {
    const route = routeAutomatic(keyed.message, this.factsFor(keyed));
    const ticket = route?.ticket;
    if (route === undefined || ticket === undefined) return this.suppress(keyed, mark.rule, mark.evidence, null, null);
    this.addMessage(keyed, ticket, 'event', route.threading, { type: 'message.added', actorId: null }, mark);
    const sentId = reportedMessageId(keyed.message, this.state);
    const sent = sentId === undefined ? undefined : this.state.sent.get(sentId);
    const news = newsOfReport(keyed.message);
    if (sent === undefined || news === undefined) return;
    const holder = this.state.tickets.get(sent.ticketId);
    if (holder === undefined) throw new StaleRead('the ticket of a reported message');
    const event = applyDeliveryNews(holder, sent, news, this.options.now);
    if (event === undefined) return;
    this.result.events.push(event);
    this.result.deliveries.add(sent);
  }

  /** A fate without a message row. */
  private suppress(
    keyed: KeyedMessage,
    rule: string,
    evidence: string,
    ticketId: string | null,
    messageId: string | null,
  ): void {
    this.result.fates.push(
      fateOf(keyed.message, { fate: 'suppressed', rule, evidence, ticketId, messageId }, this.options.now),
    );
  }

  private factsFor(keyed: KeyedMessage): RoutingFacts<TicketState> {
    const { message } = keyed;
    const { tenant } = message;
    return {
      byToken: (token) => this.current(this.state.tokens.get(mapKey.token(tenant, token))?.ticketId),
      byReference: (id) => {
        const known = this.state.references.get(referenceKeyOf(message, id));
        const ticket = this.current(known?.ticketId);
        return known === undefined || ticket === undefined ? undefined : { ticket, origin: known.origin };
      },
      byConversation: () => this.current(this.conversationTicketId(keyed)),
      byNumber: (number) => this.current(this.state.numbers.get(mapKey.number(tenant, number))),
      senderCustomerId: this.state.identities.get(keyed.identityKey)?.customerId,
    };
  }

  private conversationTicketId({ conversation, ownRef }: KeyedMessage): string | undefined {
    if (conversation.in === 'conversations') return this.state.conversations.get(conversation.key);
    // A mail that is its own root is in no conversation yet; its own id is another rule's business.
    return conversation.key === ownRef ? undefined : this.state.references.get(conversation.key)?.ticketId;
  }

  /** The ticket, or the one that continues it. */
  private current(id: string | undefined): TicketState | undefined {
    let ticket = id === undefined ? undefined : this.state.tickets.get(id);
    while (ticket !== undefined && ticket.followedUpBy !== null) {
      const next = this.state.tickets.get(ticket.followedUpBy);
      if (next === undefined) throw new StaleRead('a follow-up that was just opened');
      ticket = next;
    }
    return ticket;
  }

  private customerOf(keyed: KeyedMessage): string {
    const { tenant, sender } = keyed.message;
    const name = storableOrNull(sender.name);
    const known = this.state.identities.get(keyed.identityKey);
    const identity = { tenant, kind: keyed.identityKind, id: keyed.identityId, name };
    if (known !== undefined) {
      if (known.name === null && name !== null) {
        known.name = name;
        this.result.names.set(keyed.identityKey, { ...identity, customerId: known.customerId });
      }
      return known.customerId;
    }
    const customerId = this.options.newId();
    this.state.identities.set(keyed.identityKey, { customerId, name });
    this.result.identities.push({ ...identity, customerId });
    return customerId;
  }

  private openTicket(keyed: KeyedMessage, customerId: string, previous: TicketState | null): TicketState {
    const { message } = keyed;
    const ticket: TicketState = {
      id: this.options.newId(),
      tenant: message.tenant,
      number: 0,
      subject: storableOrNull(message.subject),
      status: 'new',
      priority: 'normal',
      channel: message.channel,
      accountId: message.account_id,
      tags: [],
      teamId: null,
      assigneeId: null,
      customerId,
      participants: withParticipants(previous?.participants ?? [], participantsOf(message)),
      followUpOf: previous?.id ?? null,
      followedUpBy: null,
      lastSeq: 0,
      createdAt: message.received_at,
      updatedAt: this.options.now,
      firstRepliedAt: null,
      solvedAt: null,
      closedAt: null,
      isNew: true,
      isChanged: false,
    };
    if (previous !== null) {
      previous.followedUpBy = ticket.id;
      previous.isChanged = true;
    }
    this.state.tickets.set(ticket.id, ticket);
    this.result.newTickets.push(ticket);
    return ticket;
  }

  private admit(ticket: TicketState, message: InboundMessageV1, route: Route<TicketState>): void {
    const coming = participantsOf(message);
    const isMember = route.admits || ticket.participants.includes(participantKey(message.sender));
    const participants = isMember ? withParticipants(ticket.participants, coming) : ticket.participants;
    if (participants !== ticket.participants) ticket.participants = participants;
  }

  private setStatus(ticket: TicketState, status: TicketStatus): FieldChange[] {
    const change = { field: 'status', from: ticket.status, to: status };
    const { solvedAt, closedAt } = timesOfChange(ticket.status, status, this.options.now);
    if (solvedAt !== undefined) ticket.solvedAt = solvedAt;
    if (closedAt !== undefined) ticket.closedAt = closedAt;
    ticket.status = status;
    return [change];
  }

  /**
   * The message has its ticket, and an answer to it that came first has opened another one (cut References, two
   * partitions): the two are one conversation. Only while nobody has worked on the other one.
   */
  private mergeLateAnswers(keyed: KeyedMessage, into: TicketState): void {
    const own = this.state.references.get(keyed.ownRef);
    if (own?.origin !== 'referenced') return;
    const from = this.current(own.ticketId);
    if (from === undefined || from === into || !isUntouched(from)) return;
    if (!from.participants.includes(participantKey(keyed.message.sender))) return;
    const changes = this.setStatus(from, 'closed');
    changes.push({ field: 'tags', from: null, to: 'merged' });
    from.tags = ['merged'];
    from.followedUpBy = into.id;
    into.participants = withParticipants(into.participants, from.participants);
    const { now } = this.options;
    this.result.events.push(
      recordEvent(from, {
        type: 'ticket.changed',
        occurredAt: now,
        recordedAt: now,
        actor: { type: 'system', id: 'late_parent' },
        changes,
      }),
    );
    this.result.merges.push({
      from,
      into,
      evidence: `joined when ${keyed.message.provider_message_id} came, which it answers`,
    });
  }

  private addMessage(
    keyed: KeyedMessage,
    ticket: TicketState,
    kind: 'public' | 'event',
    threading: ThreadingEvidence,
    event: {
      readonly type: TicketEventType;
      readonly actorId: string | null;
      readonly changes?: readonly FieldChange[];
    },
    suppressedBy?: NonNullable<InboundMessageV1['automatic']>,
  ): void {
    const { message } = keyed;
    const shown: EventMessage = {
      id: message.message_id,
      direction: 'inbound',
      kind,
      channel: message.channel,
      provider_time: message.provider_time,
      received_at: message.received_at,
      delivery_status: null,
    };
    this.result.events.push(
      recordEvent(ticket, {
        type: event.type,
        occurredAt: message.received_at,
        recordedAt: this.options.now,
        actor: kind === 'public' ? { type: 'customer', id: event.actorId } : { type: 'system', id: null },
        message: shown,
        ...(event.changes === undefined ? {} : { changes: event.changes }),
      }),
    );
    this.result.messages.push(inboundMessage(keyed, ticket, kind, threading));
    this.remember(keyed, ticket);
    const decided =
      suppressedBy === undefined
        ? ({ fate: 'accepted', rule: null, evidence: null } as const)
        : ({ fate: 'suppressed', ...suppressedBy } as const);
    this.result.fates.push(
      fateOf(message, { ...decided, ticketId: ticket.id, messageId: message.message_id }, this.options.now),
    );
  }

  /** Makes the message findable: for its copies, its answers, its conversation. */
  private remember(keyed: KeyedMessage, ticket: TicketState): void {
    const { message } = keyed;
    const { tenant } = message;
    this.state.messages.set(keyed.dedupeKey, {
      id: message.message_id,
      ticketId: ticket.id,
      deliveryId: message.delivery_id,
    });
    this.rememberReference(keyed.ownRef, {
      ticketId: ticket.id,
      messageId: message.message_id,
      origin: 'seen',
      isNew: true,
    });
    for (const id of usedReferences(message)) {
      const key = referenceKeyOf(message, id);
      this.rememberReference(key, {
        ticketId: ticket.id,
        messageId: message.message_id,
        origin: 'referenced',
        isNew: true,
      });
    }
    const { conversation } = keyed;
    if (conversation.in === 'references') {
      this.rememberReference(conversation.key, {
        ticketId: ticket.id,
        messageId: message.message_id,
        origin: 'referenced',
        isNew: true,
      });
    } else if (message.automatic === null && !this.state.conversations.has(conversation.key)) {
      this.state.conversations.set(conversation.key, ticket.id);
      this.result.conversations.set(conversation.key, [tenant, message.account_id, conversation.hash, ticket.id]);
    }
  }

  /** The first to name an id keeps it, until the message that carries it comes: that one knows better. */
  private rememberReference(key: string, coming: StoredReference): void {
    const known = this.state.references.get(key);
    if (known === undefined) {
      this.state.references.set(key, coming);
      this.result.references.set(key, coming);
      return;
    }
    if (known.origin !== 'referenced' || coming.origin === 'referenced') return;
    known.ticketId = coming.ticketId;
    known.messageId = coming.messageId;
    known.origin = coming.origin;
    if (!known.isNew) this.result.upgradedReferences.set(key, known);
  }
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
