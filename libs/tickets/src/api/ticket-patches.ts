import type { FieldChange, InputProblem } from '@fanin/contracts';
import { isoTime, type Clock, type CrashPoints } from '@fanin/kernel';
import { invalidInput, notFound, ProblemException, type Database, type Principal } from '@fanin/platform';
import type { PoolClient } from 'pg';
import type { Publishing } from '../events/publishing.js';
import { recordEvent } from '../events/ticket-events.js';
import { isReopening, refusalOf, timesOfChange } from '../lifecycle/lifecycle.js';
import { lockTickets, updateTickets } from '../tickets/ticket-rows.js';
import type { TicketState } from '../tickets/ticket-state.js';
import type { TicketPatch } from './inputs.js';
import { checkTicket, getTicket } from './ticket-queries.js';
import type { TicketView } from './views.js';

export interface CommandDependencies {
  readonly database: Database;
  readonly publishing: Publishing;
  readonly clock: Clock;
  /** None when absent. */
  readonly crashPoints?: CrashPoints;
}

/** The ticket under its row lock; not found for another tenant's. */
export async function lockTicket(client: PoolClient, id: string): Promise<TicketState> {
  await checkTicket(client, id);
  const ticket = (await lockTickets(client, [id])).get(id.toLowerCase());
  if (ticket === undefined) throw notFound('ticket');
  return ticket;
}

/** 409 with the reason, for a change that the ticket's life does not allow. */
export function conflict(detail: string): ProblemException {
  return new ProblemException(409, 'ticket_state', 'The ticket does not allow that', detail);
}

export async function patchTicket(
  deps: CommandDependencies,
  principal: Principal,
  id: string,
  patch: TicketPatch,
): Promise<TicketView> {
  checkPatch(patch);
  return deps.database.transaction(principal.tenant, async (client) => {
    const ticket = await lockTicket(client, id);
    const now = isoTime(deps.clock.now());
    const statusBefore = ticket.status;
    const changes = applyPatch(ticket, patch, now);
    if (changes.length > 0) {
      const type = isReopening(statusBefore, ticket.status) ? 'ticket.reopened' : 'ticket.changed';
      const actor = { type: 'agent', id: principal.id } as const;
      const event = recordEvent(ticket, { type, occurredAt: now, recordedAt: now, actor, changes });
      await updateTickets(client, [ticket]);
      await deps.publishing.events(client, [event]);
    }
    return getTicket(client, id, deps.clock.now());
  });
}

const FIELDS = ['status', 'priority', 'tags', 'assignee_id', 'team_id'] as const;

/** Rules that the field declarations cannot say. */
function checkPatch(patch: TicketPatch): void {
  const problems: InputProblem[] = [];
  if (FIELDS.every((name) => patch[name] === undefined)) {
    problems.push({
      path: '',
      message: `names no field to change; known are ${FIELDS.join(', ')}`,
      example: { status: 'solved' },
    });
  }
  patch.tags?.forEach((tag, at) => {
    if (tag.trim() === '' || tag.length > 64 || /[,\p{Cc}]/u.test(tag)) {
      problems.push({
        path: `tags[${at}]`,
        message: 'must have 1 to 64 characters, without commas and control characters',
        example: 'refund',
      });
    }
  });
  for (const name of ['assignee_id', 'team_id'] as const) {
    const value = patch[name];
    if (typeof value === 'string' && /\p{Cc}/u.test(value))
      problems.push({ path: name, message: 'must not have control characters', example: 'ada' });
  }
  if (problems.length > 0) throw invalidInput(problems);
}

/** Changes the ticket in memory; the list is empty when everything is as asked already. */
function applyPatch(ticket: TicketState, patch: TicketPatch, now: string): FieldChange[] {
  const changes: FieldChange[] = [];
  const change = (field: string, from: string | null, to: string | null): boolean => {
    if (from === to) return false;
    if (ticket.status === 'closed')
      throw conflict('The ticket is closed for good; a new message of the customer opens a follow-up.');
    changes.push({ field, from, to });
    return true;
  };
  const { priority, tags, assignee_id: assignee, team_id: team, status } = patch;
  if (priority !== undefined && change('priority', ticket.priority, priority)) ticket.priority = priority;
  if (tags !== undefined) {
    const wanted = [...new Set(tags.map((tag) => tag.trim()))];
    if (change('tags', joined(ticket.tags), joined(wanted))) ticket.tags = wanted;
  }
  if (assignee !== undefined && change('assignee_id', ticket.assigneeId, assignee)) ticket.assigneeId = assignee;
  if (team !== undefined && change('team_id', ticket.teamId, team)) ticket.teamId = team;
  if (status !== undefined && status !== ticket.status) changes.push(...changeStatus(ticket, status, now));
  return changes;
}

function joined(tags: readonly string[]): string | null {
  return tags.length === 0 ? null : tags.join(',');
}

/** Also used by replies that ask for a status. Throws 409 for a step that is not allowed. */
export function changeStatus(ticket: TicketState, status: TicketState['status'], now: string): FieldChange[] {
  if (status === ticket.status) return [];
  const refusal = refusalOf(ticket.status, status);
  if (refusal !== undefined) throw conflict(refusal);
  const { solvedAt, closedAt } = timesOfChange(ticket.status, status, now);
  if (solvedAt !== undefined) ticket.solvedAt = solvedAt;
  if (closedAt !== undefined) ticket.closedAt = closedAt;
  const change = { field: 'status', from: ticket.status, to: status };
  ticket.status = status;
  return [change];
}
