import type { FateV1, TicketEventV1 } from '@fanin/contracts';
import type { EchoClaim } from '../echoes/echo-claims.js';
import type { SentMessage } from '../receipts/sent-messages.js';
import type { NewMessage } from '../tickets/message-rows.js';
import type { TicketState } from '../tickets/ticket-state.js';
import type { NewTask } from '../tasks/task-rows.js';
import type { StoredReference } from './batch-state.js';

export interface NewIdentity {
  readonly tenant: string;
  readonly kind: string;
  readonly id: string;
  readonly customerId: string;
  readonly name: string | null;
}

/** Everything that a batch writes. Pure data; tickets are shared with the state and numbered when written. */
export class BatchPlan {
  readonly identities: NewIdentity[] = [];
  /** Identities that had no name until now, by map key. */
  readonly names = new Map<string, NewIdentity>();
  /** [tenant, account, key hash, ticket] by map key. */
  readonly conversations = new Map<string, readonly [string, string, string, string]>();
  /** By map key `tenant\nhash`. */
  readonly references = new Map<string, StoredReference>();
  /** Ids that were only named before and are now seen: the row is there already. */
  readonly upgradedReferences = new Map<string, StoredReference>();
  readonly messages: NewMessage[] = [];
  readonly newTickets: TicketState[] = [];
  readonly events: TicketEventV1[] = [];
  readonly fates: FateV1[] = [];
  readonly deliveries = new Set<SentMessage>();
  /** Message ids of new amendments, each with the message that it changes. */
  readonly amendments = new Map<string, string>();
  /** Amendments that came first wait under an id; now the message is there, or known under another id. */
  readonly movedAmendments = new Map<string, string>();
  readonly echoClaims: EchoClaim[] = [];
  readonly tasks: NewTask[] = [];
  /** Tickets whose visibility or reply windows this batch set. */
  readonly ruled = new Set<TicketState>();
  /** Tickets that turned out to be one conversation: the messages of `from` go to `into`. */
  readonly merges: { readonly from: TicketState; readonly into: TicketState; readonly evidence: string }[] = [];

  isEmpty(): boolean {
    return this.messages.length + this.fates.length + this.events.length === 0;
  }
}
