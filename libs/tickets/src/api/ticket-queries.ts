import type { Clock } from '@fanin/kernel';
import { notFound, pageOf, readCursor, type Database, type PageQuery } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { storable } from '../schema/storable.js';
import type { TicketListQuery } from './inputs.js';
import { messageView, MESSAGE_COLUMNS, type MessageRow } from './message-view.js';
import { ticketList, UUID, type ListedTicket } from './ticket-list.js';
import { TICKET_SELECT, ticketViews, type TicketRow } from './ticket-view.js';
import type { MessageView, TicketPage, TicketView } from './views.js';

/** Reads for the REST API. Every one runs under the caller's tenant: what is not its own is not there. */
export class TicketQueries {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  list(tenant: string, query: TicketListQuery): Promise<TicketPage> {
    const { sql, values, keyOf } = ticketList(tenant, query);
    return this.database.transaction(tenant, async (client) => {
      const { rows } = await client.query<ListedTicket>(sql, [...values]);
      const { data, next_cursor } = pageOf(rows, query.limit, keyOf);
      return { data: await ticketViews(client, data, this.clock.now()), next_cursor };
    });
  }

  get(tenant: string, id: string): Promise<TicketView> {
    return this.database.transaction(tenant, (client) => getTicket(client, id, this.clock.now()));
  }

  async messages(
    tenant: string,
    ticketId: string,
    query: PageQuery,
  ): Promise<{ readonly rows: readonly MessageRow[]; readonly next_cursor: string | null }> {
    const [after] = readCursor(query.cursor, [/^\d{1,9}$/]) ?? ['0'];
    return this.database.transaction(tenant, async (client) => {
      await checkTicket(client, ticketId);
      const { rows } = await client.query<MessageRow>(
        `SELECT ${MESSAGE_COLUMNS} FROM tickets.messages m WHERE m.ticket_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT ${query.limit + 1}`,
        [ticketId, after],
      );
      const page = pageOf(rows, query.limit, (row) => [String(row.seq)]);
      return { rows: page.data, next_cursor: page.next_cursor };
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

export async function getTicket(client: PoolClient, id: string, nowMs: number): Promise<TicketView> {
  if (!UUID.test(id)) throw notFound('ticket');
  const { rows } = await client.query<TicketRow>(`${TICKET_SELECT} WHERE t.id = $1`, [id]);
  const [view] = await ticketViews(client, rows, nowMs);
  if (view === undefined) throw notFound('ticket');
  return view;
}

/** Not found for another tenant's ticket. */
export async function checkTicket(client: PoolClient, id: string): Promise<void> {
  const { rowCount } = UUID.test(id)
    ? await client.query('SELECT 1 FROM tickets.tickets WHERE id = $1', [id])
    : { rowCount: 0 };
  if (rowCount !== 1) throw notFound('ticket');
}

export async function getMessage(client: PoolClient, id: string): Promise<MessageView> {
  const { rows } = await client.query<MessageRow>(`SELECT ${MESSAGE_COLUMNS} FROM tickets.messages m WHERE m.id = $1`, [
    id,
  ]);
  const [row] = rows;
  if (row === undefined) throw notFound('message');
  return messageView(row);
}
