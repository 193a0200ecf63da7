import type {
  Actor,
  AutomaticMark,
  EventMessage,
  FieldChange,
  InboundMessageV1,
  TicketEventType,
  TicketStatus,
} from '@fanin/contracts';
import { amendedMessageId } from '../amendments/amended-message-id.js';
import { recordEvent } from '../events/ticket-events.js';
import { timesOfChange } from '../lifecycle/lifecycle.js';
import { storableOrNull } from '../schema/storable.js';
import type { ReferenceOrigin } from '../schema/entities/message-reference.entity.js';
import type { ThreadingEvidence } from '../schema/entities/message.entity.js';
import { customerParty, participantsOf, withParticipants } from '../threading/participants.js';
import type { RoutingFacts } from '../threading/route.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { mapKey, referenceKeyIn, type KeyedMessage } from './batch-keys.js';
import { BatchPlan } from './batch-plan.js';
import { StaleRead, type BatchState, type StoredReference } from './batch-state.js';
import { noteRules } from './conversation-rules.js';
import { fateOf } from './fates.js';
import { inboundMessage } from './inbound-message-row.js';

export interface PlanOptions {
  /** Our clock, ISO 8601. */
  readonly now: string;
  readonly newId: () => string;
}

/** How a message goes onto its ticket. */
export interface Placing {
  readonly kind: 'public' | 'event';
  readonly threading: ThreadingEvidence;
  readonly type: TicketEventType;
  readonly actor: Actor;
  readonly changes?: readonly FieldChange[];
  /** The fate of what a machine wrote, though its row is kept. */
  readonly suppressedBy?: AutomaticMark;
}

/** What all sorts of messages need while a batch is planned: state that was read, and the plan that grows. */
export class PlanContext {
  readonly result = new BatchPlan();

  constructor(
    readonly state: BatchState,
    readonly options: PlanOptions,
  ) {}

  /** A fate without a message row. */
  suppress(
    keyed: KeyedMessage,
    rule: string,
    evidence: string,
    ticketId: string | null,
    messageId: string | null = null,
  ): void {
    this.result.fates.push(
      fateOf(keyed.message, { fate: 'suppressed', rule, evidence, ticketId, messageId }, this.options.now),
    );
  }

  factsFor(keyed: KeyedMessage): RoutingFacts<TicketState> {
    const { message } = keyed;
    const { tenant } = message;
    return {
      byToken: (token) => this.current(this.state.tokens.get(mapKey.token(tenant, token))?.ticketId),
      byReference: (id) => {
        const known = this.state.references.get(referenceKeyIn(keyed, id));
        const ticket = this.current(known?.ticketId);
        return known === undefined || ticket === undefined ? undefined : { ticket, origin: known.origin };
      },
      byConversation: () => this.conversationTicket(keyed),
      byNumber: (number) => this.current(this.state.numbers.get(mapKey.number(tenant, number))),
      senderCustomerId: this.state.identities.get(keyed.identityKey)?.customerId,
    };
  }

  conversationTicket({ conversation, ownRef }: KeyedMessage): TicketState | undefined {
    if (conversation.in === 'conversations') return this.current(this.state.conversations.get(conversation.key));
    // A mail that is its own root is in no conversation yet; its own id is another rule's business.
    return conversation.key === ownRef
      ? undefined
      : this.current(this.state.references.get(conversation.key)?.ticketId);
  }

  /** The ticket, or the one that continues it. */
  current(id: string | undefined): TicketState | undefined {
    let ticket = id === undefined ? undefined : this.state.tickets.get(id);
    while (ticket !== undefined && ticket.followedUpBy !== null) {
      const next = this.state.tickets.get(ticket.followedUpBy);
      if (next === undefined) throw new StaleRead('a follow-up that was just opened');
      ticket = next;
    }
    return ticket;
  }

  customerOf(keyed: KeyedMessage): string {
    const { tenant } = keyed.message;
    const name = storableOrNull(customerParty(keyed.message).name);
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

  openTicket(
    keyed: KeyedMessage,
    customerId: string,
    previous: TicketState | null,
    status: TicketStatus = 'new',
  ): TicketState {
    const { message } = keyed;
    const ticket: TicketState = {
      id: this.options.newId(),
      tenant: message.tenant,
      number: 0,
      subject: storableOrNull(message.subject),
      status,
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
      visibility: message.visibility ?? null,
      replyWindows: null,
      isNew: true,
      isChanged: false,
    };
    if (previous !== null) {
      previous.followedUpBy = ticket.id;
      previous.isChanged = true;
    }
    if (ticket.visibility !== null) this.result.ruled.add(ticket);
    this.state.tickets.set(ticket.id, ticket);
    this.result.newTickets.push(ticket);
    return ticket;
  }

  setStatus(ticket: TicketState, status: TicketStatus): FieldChange[] {
    if (status === ticket.status) return [];
    const change = { field: 'status', from: ticket.status, to: status };
    const { solvedAt, closedAt } = timesOfChange(ticket.status, status, this.options.now);
    if (solvedAt !== undefined) ticket.solvedAt = solvedAt;
    if (closedAt !== undefined) ticket.closedAt = closedAt;
    ticket.status = status;
    return [change];
  }

  addMessage(keyed: KeyedMessage, ticket: TicketState, placing: Placing): void {
    const { message } = keyed;
    const { kind, suppressedBy } = placing;
    const byAccount = message.author === 'account';
    const shown: EventMessage = {
      id: message.message_id,
      direction: byAccount ? 'outbound' : 'inbound',
      kind,
      channel: message.channel,
      provider_time: message.provider_time,
      received_at: message.received_at,
      delivery_status: byAccount && kind === 'public' ? 'sent' : null,
    };
    this.result.events.push(
      recordEvent(ticket, {
        type: placing.type,
        occurredAt: message.received_at,
        recordedAt: this.options.now,
        actor: placing.actor,
        message: shown,
        ...(placing.changes === undefined ? {} : { changes: placing.changes }),
      }),
    );
    this.result.messages.push(inboundMessage(keyed, ticket, kind, placing.threading));
    this.remember(keyed, ticket);
    noteRules(this, message, ticket, kind);
    const decided =
      suppressedBy === undefined
        ? ({ fate: 'accepted', rule: null, evidence: null } as const)
        : ({ fate: 'suppressed', rule: suppressedBy.rule, evidence: suppressedBy.evidence } as const);
    this.result.fates.push(
      fateOf(message, { ...decided, ticketId: ticket.id, messageId: message.message_id }, this.options.now),
    );
  }

  /** Makes the message findable: for its copies, its answers, its conversation. */
  private remember(keyed: KeyedMessage, ticket: TicketState): void {
    const { message, conversation } = keyed;
    this.state.messages.set(keyed.dedupeKey, {
      id: message.message_id,
      ticketId: ticket.id,
      deliveryId: message.delivery_id,
    });
    // An amendment that comes under the id of what it changes must not stand for it.
    if (!isUnderItsTargetsId(message)) {
      this.settleAwaited(keyed, this.result.amendments.get(message.message_id) ?? message.message_id);
      this.rememberReference(keyed.ownRef, referenceTo(message, ticket, 'seen'));
    }
    for (const { key } of keyed.references) this.rememberReference(key, referenceTo(message, ticket, 'referenced'));
    if (conversation.in === 'references') {
      this.rememberReference(conversation.key, referenceTo(message, ticket, 'referenced'));
    } else if (message.automatic === null && !this.state.conversations.has(conversation.key)) {
      this.state.conversations.set(conversation.key, ticket.id);
      this.result.conversations.set(conversation.key, [
        message.tenant,
        message.account_id,
        conversation.hash,
        ticket.id,
      ]);
    }
  }

  /** Amendments came before what they change, which is that message: they are applied to it with the batch. */
  settleAwaited({ message, ownRef }: KeyedMessage, messageId: string): void {
    if (this.state.references.get(ownRef)?.origin !== 'awaited') return;
    const waiting = amendedMessageId(message.tenant, message.account_id, message.provider_message_id);
    this.result.movedAmendments.set(waiting, messageId);
  }

  /** The first to name an id keeps it, until the message that carries it comes: that one knows better. */
  rememberReference(key: string, coming: StoredReference): void {
    const known = this.state.references.get(key);
    if (known === undefined) {
      this.state.references.set(key, coming);
      this.result.references.set(key, coming);
      return;
    }
    if (known.origin === 'seen' || known.origin === 'sent' || coming.origin === 'referenced') return;
    if (coming.origin === 'awaited') {
      if (known.origin === 'awaited') return;
    } else {
      known.ticketId = coming.ticketId;
      known.messageId = coming.messageId;
    }
    known.origin = coming.origin;
    if (known.storedOrigin !== undefined) this.result.upgradedReferences.set(key, known);
  }
}

function referenceTo(
  { message_id: messageId }: InboundMessageV1,
  { id: ticketId }: TicketState,
  origin: ReferenceOrigin,
): StoredReference {
  return { ticketId, messageId, origin, storedOrigin: undefined };
}

function isUnderItsTargetsId(message: InboundMessageV1): boolean {
  return message.amends !== undefined && message.amends.provider_message_id === message.provider_message_id;
}
