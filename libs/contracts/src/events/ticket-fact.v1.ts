import {
  CHANNEL_FAMILIES,
  PRIORITIES,
  TICKET_STATUSES,
  type ChannelFamily,
  type Priority,
  type TicketStatus,
} from '../vocabulary.js';
import { field } from '../fields.js';
import { MetricRow } from './metric-row.js';

const instant = (what: string): PropertyDecorator =>
  field.integer({ description: `${what}, epoch milliseconds; null while not reached.`, nullable: true });
const seconds = (what: string): PropertyDecorator =>
  field.integer({ description: `${what}, whole seconds; null while not reached.`, nullable: true, minimum: 0 });
const count = (what: string): PropertyDecorator => field.integer({ description: what, minimum: 0 });

/** One row per ticket. Topic metrics.ticket-facts, compacted, key = ticket id. */
export class TicketFactV1 extends MetricRow {
  @field.text({ description: 'Ticket.', maxLength: 64 })
  ticket_id!: string;

  @field.integer({ description: 'Number within the tenant.', minimum: 1 })
  ticket_number!: number;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel that opened it.' })
  channel!: ChannelFamily;

  @field.text({ description: 'Account that opened it.', maxLength: 128 })
  account_id!: string;

  @field.text({ description: 'Team now.', maxLength: 128, nullable: true })
  team_id!: string | null;

  @field.oneOf(PRIORITIES, { description: 'Priority now.' })
  priority!: Priority;

  @field.oneOf(TICKET_STATUSES, { description: 'Status now.' })
  status!: TicketStatus;

  @field.text({ description: 'Assignee now.', maxLength: 128, nullable: true })
  assignee_id!: string | null;

  @field.text({ description: 'Customer id, opaque.', maxLength: 64 })
  customer_id!: string;

  @field.integer({ description: 'Creation, epoch milliseconds.' })
  created_at!: number;

  @field.text({ description: 'Creation, ISO 8601 UTC, for readers that infer types.', maxLength: 32 })
  event_time_iso!: string;

  @field.text({ description: 'Day of creation in UTC, YYYY-MM-DD.', maxLength: 10 })
  report_date!: string;

  @instant('First message of the customer') first_inbound_at!: number | null;
  @instant('First public reply by a human') first_reply_at!: number | null;
  @instant('First automatic reply') first_auto_reply_at!: number | null;
  @instant('First time solved') first_solved_at!: number | null;
  @instant('Latest time solved') last_solved_at!: number | null;
  @instant('Closed') closed_at!: number | null;
  @instant('Latest event') last_event_at!: number | null;

  @seconds('First customer message to first public human reply') first_reply_seconds!: number | null;
  @seconds('The same in business time') first_reply_business_seconds!: number | null;
  @seconds('Creation to first solved') first_resolution_seconds!: number | null;
  @seconds('The same in business time') first_resolution_business_seconds!: number | null;
  @seconds('Creation to latest solved') full_resolution_seconds!: number | null;
  @seconds('The same in business time') full_resolution_business_seconds!: number | null;
  @seconds('Sum over replies after the first: oldest unanswered customer message to the reply')
  next_reply_seconds_sum!: number | null;
  @seconds('Longest of those') next_reply_seconds_max!: number | null;
  @seconds('Time in new, open and on_hold until now or solved') requester_wait_seconds!: number | null;
  @seconds('Time in pending') agent_wait_seconds!: number | null;
  @seconds('Time in on_hold') on_hold_seconds!: number | null;

  @count('Messages of the customer.') inbound_count!: number;
  @count('Public replies by humans.') public_reply_count!: number;
  @count('Replies after the first one that answered a waiting customer.') next_reply_count!: number;
  @count('Internal notes.') internal_note_count!: number;
  @count('Times it left solved again.') reopen_count!: number;
  @count('Times the team changed after the first.') transfer_count!: number;
  @count('Assignees it has had.') assignee_station_count!: number;

  @field.boolean({ description: 'Solved with one public reply.' })
  is_one_touch!: boolean;

  @field.boolean({ description: 'Opened by an agent.' })
  is_agent_initiated!: boolean;

  @field.text({ description: 'Ticket it follows up.', maxLength: 64, nullable: true })
  follow_up_of!: string | null;
}
