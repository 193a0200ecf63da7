import type { ReferenceOrigin } from '../schema/entities/message-reference.entity.js';
import type { UnconfirmedReply } from '../echoes/unconfirmed-replies.js';
import type { SentMessage } from '../receipts/sent-messages.js';
import type { TicketState } from '../tickets/ticket-state.js';

export interface StoredMessage {
  readonly id: string;
  readonly ticketId: string;
  readonly deliveryId: string | null;
}

export interface StoredReference {
  ticketId: string;
  messageId: string;
  origin: ReferenceOrigin;
  /** As the database has it; undefined when this batch made it. */
  readonly storedOrigin: ReferenceOrigin | undefined;
}

export interface StoredIdentity {
  readonly customerId: string;
  name: string | null;
}

/**
 * What the database knows of the things that a batch names; tickets are locked. Planning adds what the batch makes, so that
 * a later message of the batch meets what an earlier one did. Maps are keyed by `mapKey`.
 */
export interface BatchState {
  readonly messages: Map<string, StoredMessage>;
  readonly references: Map<string, StoredReference>;
  /** Ticket ids. */
  readonly conversations: Map<string, string>;
  readonly identities: Map<string, StoredIdentity>;
  readonly numbers: Map<string, string>;
  /** Ticket ids by reply token; `outboundId` when the token names a message. */
  readonly tokens: Map<string, { readonly ticketId: string; readonly outboundId: string | null }>;
  readonly tickets: Map<string, TicketState>;
  /** By message id; only when the batch holds delivery reports. */
  readonly sent: Map<string, SentMessage>;
  /** Oldest first; only when the batch holds messages of the accounts themselves. An echo takes its reply away. */
  readonly unconfirmed: UnconfirmedReply[];
}

/**
 * Another transaction changed what this one had read, before it could be locked or written. Nothing is wrong: the batch
 * is rolled back, read and planned again.
 */
export class StaleRead extends Error {
  constructor(what: string) {
    super(`read before another transaction changed it: ${what}`);
    this.name = 'StaleRead';
  }
}

/** Some of these messages are there already: another consumer was faster, or their ids are those of another tenant's. */
export class StaleMessage extends StaleRead {
  constructor(readonly messages: readonly { readonly id: string; readonly tenant: string }[]) {
    super('a message');
  }
}
