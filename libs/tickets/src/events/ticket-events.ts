import type { Actor, EventMessage, FieldChange, TicketEventType, TicketEventV1 } from '@fanin/contracts';
import { snapshotOf, type TicketState } from '../tickets/ticket-state.js';

export interface Happening {
  readonly type: TicketEventType;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly message?: EventMessage;
  readonly changes?: readonly FieldChange[];
}

/**
 * Takes the ticket's next `seq` and describes the ticket as it is now: call it after the change, and write the ticket in
 * the same transaction. The ticket's row lock is what keeps `seq` without gaps.
 */
export function recordEvent(ticket: TicketState, happening: Happening): TicketEventV1 {
  ticket.lastSeq += 1;
  ticket.updatedAt = happening.recordedAt;
  ticket.isChanged = true;
  return {
    event_id: `${ticket.id}.${ticket.lastSeq}`,
    tenant: ticket.tenant,
    ticket_id: ticket.id,
    seq: ticket.lastSeq,
    type: happening.type,
    occurred_at: happening.occurredAt,
    recorded_at: happening.recordedAt,
    actor: happening.actor,
    message: happening.message ?? null,
    changes: happening.changes === undefined ? [] : [...happening.changes],
    ticket: snapshotOf(ticket),
  };
}
