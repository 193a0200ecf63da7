import type { TicketFactV1 } from '@fanin/contracts';
import type { TicketEvent, TicketState } from './ticket-state.js';
import { DEFINITION_VERSION } from './ticket-state.js';

const NOTHING_REACHED = {
  first_inbound_at: null,
  first_reply_at: null,
  first_auto_reply_at: null,
  first_solved_at: null,
  last_solved_at: null,
  closed_at: null,
  last_event_at: null,
  first_reply_seconds: null,
  first_reply_business_seconds: null,
  first_resolution_seconds: null,
  first_resolution_business_seconds: null,
  full_resolution_seconds: null,
  full_resolution_business_seconds: null,
  next_reply_seconds_sum: null,
  next_reply_seconds_max: null,
  requester_wait_seconds: null,
  agent_wait_seconds: null,
  on_hold_seconds: null,
  inbound_count: 0,
  public_reply_count: 0,
  next_reply_count: 0,
  internal_note_count: 0,
  reopen_count: 0,
  transfer_count: 0,
  assignee_station_count: 0,
  is_one_touch: false,
  calendar_id: null,
  calendar_version: null,
} satisfies Partial<TicketFactV1>;

/** The state before a ticket's first event is applied. */
export function firstState(event: TicketEvent): TicketState {
  const createdAt = Date.parse(event.ticket.created_at);
  const iso = new Date(createdAt).toISOString();
  return {
    fact: {
      ...NOTHING_REACHED,
      row_id: event.ticket_id,
      ticket_id: event.ticket_id,
      record_version: 0,
      is_deleted: false,
      definition_version: DEFINITION_VERSION,
      computed_at: 0,
      tenant: event.tenant,
      ticket_number: event.ticket.number,
      channel: event.ticket.channel,
      account_id: event.ticket.account_id,
      team_id: event.ticket.team_id,
      priority: event.ticket.priority,
      status: event.ticket.status,
      assignee_id: event.ticket.assignee_id,
      customer_id: event.ticket.customer_id,
      created_at: createdAt,
      event_time_iso: iso,
      report_date: iso.slice(0, 10),
      is_agent_initiated: event.actor.type === 'agent' && event.type === 'ticket.created',
      follow_up_of: event.ticket.follow_up_of,
    },
    memory: {
      seq: 0,
      waitingSince: null,
      statusSince: createdAt,
      status: event.ticket.status,
      statusMs: {},
      nextReplyMsSum: 0,
      nextReplyMsMax: 0,
      assignees: [],
      teamSeen: false,
      backlogSlice: null,
      fullResolutionSeq: null,
    },
  };
}
