import { isUtcTime, type ChannelFamily, type Priority, type TicketStatus } from '@fanin/contracts';
import { storable } from '../schema/storable.js';
import { notFound, type Database } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { badCursor, decodeCursor, encodeCursor } from './cursor.js';
import type { PageQuery, TicketListQuery } from './inputs.js';
import { messageView, MESSAGE_COLUMNS, type MessageRow } from './message-view.js';
import type { MessageView, TicketPage, TicketView } from './views.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DEFAULT_LIMIT = 50;

interface TicketRow {
  id: string;
  number: string;
  subject: string | null;
  status: TicketStatus;
  priority: Priority;
  channel: ChannelFamily;
  account_id: string;
  tags: string[];
  team_id: string | null;
  assignee_id: string | null;
  customer_id: string;
  customer_name: string | null;
  created_at: Date;
  updated_at: Date;
  first_replied_at: Date | null;
  solved_at: Date | null;
  closed_at: Date | null;
  follow_up_of: string | null;
  followed_up_by: string | null;
}

const SELECT = `
SELECT t.id, t.number, t.subject, t.status, t.priority, t.channel, t.account_id, t.tags, t.team_id, t.assignee_id, t.customer_id,
       c.name AS customer_name, t.created_at, t.updated_at, t.first_replied_at, t.solved_at, t.closed_at, t.follow_up_of, t.followed_up_by
FROM tickets.tickets t LEFT JOIN tickets.customers c ON c.id = t.customer_id`;

function ticketView(row: TicketRow): TicketView {
  const time = (date: Date | null): string | null => (date === null ? null : date.toISOString());
  return {
    id: row.id,
    number: Number(row.number),
    subject: row.subject,
    status: row.status,
    priority: row.priority,
    channel: row.channel,
    account_id: row.account_id,
    tags: row.tags,
    team_id: row.team_id,
    assignee_id: row.assignee_id,
    customer: { id: row.customer_id, name: row.customer_name },
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    first_replied_at: time(row.first_replied_at),
    solved_at: time(row.solved_at),
    closed_at: time(row.closed_at),
    follow_up_of: row.follow_up_of,
    followed_up_by: row.followed_up_by,
  };
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

/** Reads for the REST API. Every one runs under the caller's tenant: what is not its own is not there. */
export class TicketQueries {
  constructor(private readonly database: Database) {}

  async list(tenant: string, query: TicketListQuery): Promise<TicketPage> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const where = conditionsOf(tenant, query);
    const sql = `${SELECT} WHERE ${where} ORDER BY t.updated_at DESC, t.id DESC LIMIT ${limit + 1}`;
    const { rows } = await this.database.transaction(tenant, (client) => client.query<TicketRow>(sql, where.values));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const hasMore = rows.length > limit && last !== undefined;
    return {
      data: page.map(ticketView),
      next_cursor: hasMore ? encodeCursor([last.updated_at.toISOString(), last.id]) : null,
    };
  }

  get(tenant: string, id: string): Promise<TicketView> {
    return this.database.transaction(tenant, (client) => getTicket(client, id));
  }

  async messages(
    tenant: string,
    ticketId: string,
    query: PageQuery,
  ): Promise<{ readonly rows: readonly MessageRow[]; readonly next_cursor: string | null }> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const [after] = query.cursor === undefined ? ['0'] : decodeCursor(query.cursor, [/^\d{1,9}$/]);
    return this.database.transaction(tenant, async (client) => {
      await getTicket(client, ticketId);
      const { rows } = await client.query<MessageRow>(
        `SELECT ${MESSAGE_COLUMNS} FROM tickets.messages m WHERE m.ticket_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT ${limit + 1}`,
        [ticketId, after],
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const hasMore = rows.length > limit && last !== undefined;
      return { rows: page, next_cursor: hasMore ? encodeCursor([last.seq]) : null };
    });
  }

  /** A row with what only downloads need; not found for a message of another tenant. */
  async message(tenant: string, id: string): Promise<MessageRow> {
    const { rows } = await this.database.transaction(tenant, (client) =>
      client.query<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM tickets.messages m WHERE m.id = $1`, [storable(id)]),
    );
    const [row] = rows;
    if (row === undefined) throw notFound('message');
    return row;
  }
}

export async function getTicket(client: PoolClient, id: string): Promise<TicketView> {
  if (!UUID.test(id)) throw notFound('ticket');
  const { rows } = await client.query<TicketRow>(`${SELECT} WHERE t.id = $1`, [id]);
  const [row] = rows;
  if (row === undefined) throw notFound('ticket');
  return ticketView(row);
}

export async function getMessage(client: PoolClient, id: string): Promise<MessageView> {
  const { rows } = await client.query<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM tickets.messages m WHERE m.id = $1`, [
    id,
  ]);
  const [row] = rows;
  if (row === undefined) throw notFound('message');
  return messageView(row);
}

function conditionsOf(tenant: string, query: TicketListQuery): Conditions {
  const where = new Conditions();
  // The policy says so too; said here, it lets the planner use the indexes that begin with the tenant.
  if (tenant !== '*') where.add('t.tenant = ?', tenant);
  if (query.status !== undefined) {
    const statuses = query.status.split(',');
    if (statuses.length === 1) where.add('t.status = ?', statuses[0]);
    else where.add('t.status = ANY (?::text[])', statuses);
  }
  if (query.channel !== undefined) where.add('t.channel = ?', query.channel);
  if (query.priority !== undefined) where.add('t.priority = ?', query.priority);
  if (query.team_id !== undefined) where.add('t.team_id = ?', query.team_id);
  if (query.assignee_id !== undefined) where.add('t.assignee_id = ?', query.assignee_id);
  if (query.tag !== undefined) where.add('? = ANY (t.tags)', query.tag);
  if (query.updated_after !== undefined) where.add('t.updated_at > ?::timestamptz', query.updated_after);
  if (query.q !== undefined) addSearch(where, query.q);
  if (query.cursor !== undefined) {
    const [updatedAt, id] = decodeCursor(query.cursor, [TIME, UUID]);
    if (!isUtcTime(updatedAt ?? '')) throw badCursor();
    where.add('(t.updated_at, t.id) < (?::timestamptz, ?::uuid)', updatedAt, id);
  }
  return where;
}

function addSearch(where: Conditions, q: string): void {
  const text = storable(q);
  const number = /^\s*#?(\d{1,15})\s*$/.exec(text)?.[1];
  const byWords =
    "t.id IN (SELECT s.ticket_id FROM tickets.message_search s WHERE s.tenant = t.tenant AND s.document @@ websearch_to_tsquery('simple', ?))";
  if (number === undefined) where.add(byWords, text);
  else where.add(`(t.number = ? OR ${byWords})`, number, text);
}
