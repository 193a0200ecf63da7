import { isUtcTime } from '@fanin/contracts';
import { invalidInput, readCursor } from '@fanin/platform';
import { storable } from '../schema/storable.js';
import type { TicketListQuery } from './inputs.js';
import { TICKET_SELECT, type TicketRow } from './ticket-view.js';

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A list of tickets as SQL, and where it goes on. */
export interface TicketList {
  readonly sql: string;
  readonly values: readonly unknown[];
  keyOf(row: ListedTicket): readonly string[];
}

export interface ListedTicket extends TicketRow {
  /** When the first open task is due; only in the list of those. */
  due_at?: Date;
}

/** Conditions and their values, numbered as they come. */
class Conditions {
  readonly values: unknown[] = [];
  private readonly parts: string[] = [];

  add(sql: string, ...values: readonly unknown[]): void {
    const numbers = values.map((value) => `$${this.values.push(typeof value === 'string' ? storable(value) : value)}`);
    this.parts.push(sql.replaceAll('?', () => numbers.shift() ?? ''));
  }

  toString(): string {
    return this.parts.length === 0 ? 'true' : this.parts.join(' AND ');
  }
}

/** Latest change first; with `task=open` those that are due first. */
export function ticketList(tenant: string, query: TicketListQuery): TicketList {
  return query.task === 'open' ? listByTask(tenant, query) : listByUpdate(tenant, query);
}

function listByUpdate(tenant: string, query: TicketListQuery): TicketList {
  const where = conditionsOf(tenant, query);
  const after = positionOf(query.cursor);
  if (after !== undefined) where.add('(t.updated_at, t.id) < (?::timestamptz, ?::uuid)', ...after);
  return {
    sql: `${TICKET_SELECT} WHERE ${where} ORDER BY t.updated_at DESC, t.id DESC LIMIT ${query.limit + 1}`,
    values: where.values,
    keyOf: (row) => [row.updated_at.toISOString(), row.id],
  };
}

/** A task without a time is due since it was asked for. */
function listByTask(tenant: string, query: TicketListQuery): TicketList {
  const where = conditionsOf(tenant, query);
  const after = positionOf(query.cursor);
  if (after !== undefined) where.add('(k.due_at, t.id) > (?::timestamptz, ?::uuid)', ...after);
  const open = `SELECT ticket_id, date_trunc('milliseconds', min(coalesce(due_at, created_at))) AS due_at FROM tickets.tasks WHERE done_at IS NULL GROUP BY ticket_id`;
  const select = TICKET_SELECT.replace(
    'FROM tickets.tickets t',
    `, k.due_at FROM (${open}) k JOIN tickets.tickets t ON t.id = k.ticket_id`,
  );
  return {
    sql: `${select} WHERE ${where} ORDER BY k.due_at, t.id LIMIT ${query.limit + 1}`,
    values: where.values,
    keyOf: (row) => [(row.due_at ?? row.created_at).toISOString(), row.id],
  };
}

function positionOf(cursor: string | undefined): readonly string[] | undefined {
  const position = readCursor(cursor, [TIME, UUID]);
  if (position === undefined || isUtcTime(position[0] ?? '')) return position;
  throw invalidInput([{ path: 'cursor', message: 'must be a next_cursor of this list, unchanged' }]);
}

function conditionsOf(tenant: string, query: TicketListQuery): Conditions {
  const where = new Conditions();
  // The policy says so too; said here, it lets the planner use the indexes that begin with the tenant.
  if (tenant !== '*') where.add('t.tenant = ?', tenant);
  if (query.status !== undefined) addStatuses(where, query.status);
  if (query.channel !== undefined) where.add('t.channel = ?', query.channel);
  if (query.priority !== undefined) where.add('t.priority = ?', query.priority);
  if (query.visibility !== undefined) where.add('t.visibility = ?', query.visibility);
  if (query.team_id !== undefined) addHolder(where, 't.team_id', query.team_id);
  if (query.assignee_id !== undefined) addHolder(where, 't.assignee_id', query.assignee_id);
  if (query.tag !== undefined) where.add('? = ANY (t.tags)', query.tag);
  if (query.updated_after !== undefined) where.add('t.updated_at > ?::timestamptz', query.updated_after);
  if (query.q !== undefined) addSearch(where, tenant, query.q);
  return where;
}

/** `none`: nobody's. */
function addHolder(where: Conditions, column: string, holder: string): void {
  if (holder === 'none') where.add(`${column} IS NULL`);
  else where.add(`${column} = ?`, holder);
}

function addStatuses(where: Conditions, text: string): void {
  const statuses = text.split(',');
  if (statuses.length === 1) where.add('t.status = ?', statuses[0]);
  else where.add('t.status = ANY (?::text[])', statuses);
}

/** One list of ids, so that the planner begins with the few that were found and not with the newest tickets. */
function addSearch(where: Conditions, tenant: string, q: string): void {
  const text = storable(q);
  const number = /^\s*#?(\d{1,15})\s*$/.exec(text)?.[1];
  const own = tenant === '*' ? [] : [tenant];
  const only = (column: string): string => (own.length === 0 ? '' : ` AND ${column} = ?`);
  const byWords = `SELECT s.ticket_id FROM tickets.message_search s WHERE s.document @@ websearch_to_tsquery('simple', ?)${only('s.tenant')}`;
  if (number === undefined) return where.add(`t.id IN (${byWords})`, text, ...own);
  const byNumber = `SELECT n.id FROM tickets.tickets n WHERE n.number = ?${only('n.tenant')}`;
  where.add(`t.id IN (${byNumber} UNION ALL ${byWords})`, number, ...own, text, ...own);
}
