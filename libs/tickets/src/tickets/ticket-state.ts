import type { ChannelFamily, Priority, TicketSnapshot, TicketStatus, Visibility } from '@fanin/contracts';
import type { StoredWindows } from '../schema/entities/ticket.entity.js';

/**
 * A ticket as a transaction works on it: read under its row lock or just made, changed in memory, written once at the end.
 * Times are ISO 8601.
 */
export interface TicketState {
  readonly id: string;
  readonly tenant: string;
  /** 0 until the counter gave one (new tickets, at the end of the transaction). */
  number: number;
  subject: string | null;
  status: TicketStatus;
  priority: Priority;
  readonly channel: ChannelFamily;
  readonly accountId: string;
  tags: readonly string[];
  teamId: string | null;
  assigneeId: string | null;
  readonly customerId: string;
  participants: readonly string[];
  readonly followUpOf: string | null;
  followedUpBy: string | null;
  lastSeq: number;
  readonly createdAt: string;
  updatedAt: string;
  firstRepliedAt: string | null;
  solvedAt: string | null;
  closedAt: string | null;
  readonly visibility: Visibility | null;
  replyWindows: StoredWindows | null;
  readonly isNew: boolean;
  isChanged: boolean;
}

export function snapshotOf(ticket: TicketState): TicketSnapshot {
  return {
    id: ticket.id,
    number: ticket.number,
    subject: ticket.subject,
    status: ticket.status,
    priority: ticket.priority,
    channel: ticket.channel,
    account_id: ticket.accountId,
    tags: [...ticket.tags],
    team_id: ticket.teamId,
    assignee_id: ticket.assigneeId,
    customer_id: ticket.customerId,
    follow_up_of: ticket.followUpOf,
    created_at: ticket.createdAt,
  };
}
