import type { TicketFactV1, TicketStatus } from '@fanin/contracts';
import { firstState } from './first-state.js';
import type {
  Applied,
  BacklogMove,
  Happening,
  HappeningKind,
  TicketEvent,
  TicketMemory,
  TicketState,
} from './ticket-state.js';
import { isInBacklog, sliceOf } from './ticket-state.js';

/** Mutable working copy of a state while one event is applied. */
interface Work {
  readonly event: TicketEvent;
  readonly at: number;
  readonly fact: { -readonly [K in keyof TicketFactV1]: TicketFactV1[K] };
  readonly memory: { -readonly [K in keyof TicketMemory]: TicketMemory[K] };
  readonly happenings: Happening[];
  readonly moves: BacklogMove[];
  retracted: Applied['retracted'];
}

/** Whole seconds between two instants; clocks that disagree give 0, never a negative duration. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor((toMs - fromMs) / 1000));
}

function happen(work: Work, kind: HappeningKind, seconds: number | null = null): void {
  work.happenings.push({ ...sliceOf(work.event), kind, seq: work.event.seq, at: work.at, seconds });
}

/** First inbound customer message → first public reply by a human; bots and auto-replies are kept apart, as docs/metric-definitions.md has it. */
function countReply(work: Work): void {
  const { fact, memory } = work;
  fact.public_reply_count += 1;
  happen(work, 'public_reply');
  if (fact.first_reply_at === null) {
    fact.first_reply_at = work.at;
    if (fact.first_inbound_at !== null && !fact.is_agent_initiated) {
      fact.first_reply_seconds = secondsBetween(fact.first_inbound_at, work.at);
      happen(work, 'first_reply', fact.first_reply_seconds);
    }
  } else if (memory.waitingSince !== null) {
    const waitedMs = Math.max(0, work.at - memory.waitingSince);
    memory.nextReplyMsSum += waitedMs;
    memory.nextReplyMsMax = Math.max(memory.nextReplyMsMax, waitedMs);
    fact.next_reply_count += 1;
    fact.next_reply_seconds_sum = Math.floor(memory.nextReplyMsSum / 1000);
    fact.next_reply_seconds_max = Math.floor(memory.nextReplyMsMax / 1000);
    happen(work, 'next_reply', secondsBetween(memory.waitingSince, work.at));
  }
  memory.waitingSince = null;
}

function countMessage(work: Work): void {
  const { event, fact, memory } = work;
  if (event.message === null || event.type === 'message.delivery_changed') return;
  const { direction, kind } = event.message;
  if (kind === 'note') fact.internal_note_count += 1;
  if (kind !== 'public') return;
  if (direction === 'inbound' && event.actor.type === 'customer') {
    fact.inbound_count += 1;
    fact.first_inbound_at ??= work.at;
    memory.waitingSince ??= work.at;
    happen(work, 'inbound');
  } else if (direction === 'outbound' && event.actor.type === 'agent') {
    countReply(work);
  } else if (direction === 'outbound') {
    fact.first_auto_reply_at ??= work.at;
  }
}

/** Creation → first solved stays for ever; creation → latest solved moves when the ticket is reopened and solved again. */
function solve(work: Work): void {
  const { fact, memory } = work;
  const seconds = secondsBetween(fact.created_at, work.at);
  happen(work, 'solved');
  if (fact.first_solved_at === null) {
    fact.first_solved_at = work.at;
    fact.first_resolution_seconds = seconds;
    happen(work, 'first_resolution', seconds);
  }
  fact.last_solved_at = work.at;
  fact.full_resolution_seconds = seconds;
  fact.is_one_touch = fact.public_reply_count === 1 && fact.reopen_count === 0;
  happen(work, 'full_resolution', seconds);
  memory.fullResolutionSeq = work.event.seq;
}

function reopen(work: Work): void {
  const { fact, memory } = work;
  fact.reopen_count += 1;
  fact.is_one_touch = false;
  fact.last_solved_at = null;
  fact.full_resolution_seconds = null;
  happen(work, 'reopened');
  if (memory.fullResolutionSeq !== null) work.retracted = { kind: 'full_resolution', seq: memory.fullResolutionSeq };
  memory.fullResolutionSeq = null;
}

function changeStatus(work: Work, to: TicketStatus): void {
  const { fact, memory } = work;
  const from = memory.status;
  if (from === to) return;
  memory.statusMs = {
    ...memory.statusMs,
    [from]: (memory.statusMs[from] ?? 0) + Math.max(0, work.at - memory.statusSince),
  };
  memory.statusSince = work.at;
  memory.status = to;
  // Closed without ever being solved counts as solved then, as in Zendesk.
  if (to === 'solved' || (to === 'closed' && fact.first_solved_at === null)) solve(work);
  if (to === 'closed') {
    fact.closed_at = work.at;
    happen(work, 'closed');
  }
  if (!isInBacklog(from) && isInBacklog(to)) {
    fact.closed_at = null;
    reopen(work);
  }
}

/** Statuses are summed over closed intervals: the row is as of its latest event, and the same events give the same row. */
function sumWaits(work: Work): void {
  const { fact, memory } = work;
  const spent = (...statuses: TicketStatus[]): number | null => {
    const known = statuses.filter((status) => memory.statusMs[status] !== undefined);
    return known.length === 0
      ? null
      : Math.floor(known.reduce((sum, status) => sum + (memory.statusMs[status] ?? 0), 0) / 1000);
  };
  fact.requester_wait_seconds = spent('new', 'open', 'on_hold');
  fact.agent_wait_seconds = spent('pending');
  fact.on_hold_seconds = spent('on_hold');
}

function followPeople(work: Work): void {
  const { event, fact, memory } = work;
  const { team_id: team, assignee_id: assignee } = event.ticket;
  if (team !== fact.team_id && team !== null && memory.teamSeen) fact.transfer_count += 1;
  if (team !== null) memory.teamSeen = true;
  if (assignee !== null && !memory.assignees.includes(assignee)) memory.assignees = [...memory.assignees, assignee];
  fact.assignee_station_count = memory.assignees.length;
  fact.team_id = team;
  fact.assignee_id = assignee;
  fact.priority = event.ticket.priority;
  fact.status = event.ticket.status;
}

function moveBacklog(work: Work): void {
  const { event, memory } = work;
  const slice = isInBacklog(event.ticket.status) ? sliceOf(event) : null;
  const before = memory.backlogSlice;
  const same =
    slice !== null &&
    before !== null &&
    slice.channel === before.channel &&
    slice.team_id === before.team_id &&
    slice.priority === before.priority;
  if (same || (slice === null && before === null)) return;
  if (before !== null) work.moves.push({ ...before, at: work.at, delta: -1 });
  if (slice !== null) work.moves.push({ ...slice, at: work.at, delta: 1 });
  memory.backlogSlice = slice;
}

/**
 * Applies one event. Pure: the same events in order of seq give the same states and happenings. Returns null for an event
 * that was applied before (the topic delivers at least once).
 */
export function applyEvent(before: TicketState | null, event: TicketEvent): Applied | null {
  const start = before ?? firstState(event);
  if (event.seq <= start.memory.seq) return null;
  const work: Work = {
    event,
    at: Date.parse(event.occurred_at),
    fact: { ...start.fact },
    memory: { ...start.memory, seq: event.seq },
    happenings: [],
    moves: [],
    retracted: null,
  };
  if (event.type === 'ticket.created') happen(work, 'created');
  countMessage(work);
  changeStatus(work, event.ticket.status);
  sumWaits(work);
  followPeople(work);
  moveBacklog(work);
  work.fact.last_event_at = Math.max(work.fact.last_event_at ?? 0, work.at);
  work.fact.record_version += 1;
  return {
    state: { fact: work.fact, memory: work.memory },
    happenings: work.happenings,
    moves: work.moves,
    retracted: work.retracted,
  };
}
