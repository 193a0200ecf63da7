import { storableJson } from '@fanin/platform';
import type { ChannelFamily, Priority, TicketStatus, Visibility } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import type { StoredWindows } from '../schema/entities/ticket.entity.js';
import { jsonColumn, plainColumn, textColumn } from '../sql/columns.js';
import type { TicketState } from './ticket-state.js';

interface TicketRow {
  id: string;
  tenant: string;
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
  participants: string[];
  follow_up_of: string | null;
  followed_up_by: string | null;
  last_seq: number;
  created_at: Date;
  updated_at: Date;
  first_replied_at: Date | null;
  solved_at: Date | null;
  closed_at: Date | null;
  visibility: Visibility | null;
  reply_windows: StoredWindows | null;
}

function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

function stateOf(row: TicketRow): TicketState {
  return {
    id: row.id,
    tenant: row.tenant,
    number: Number(row.number),
    subject: row.subject,
    status: row.status,
    priority: row.priority,
    channel: row.channel,
    accountId: row.account_id,
    tags: row.tags,
    teamId: row.team_id,
    assigneeId: row.assignee_id,
    customerId: row.customer_id,
    participants: row.participants,
    followUpOf: row.follow_up_of,
    followedUpBy: row.followed_up_by,
    lastSeq: row.last_seq,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    firstRepliedAt: isoOrNull(row.first_replied_at),
    solvedAt: isoOrNull(row.solved_at),
    closedAt: isoOrNull(row.closed_at),
    visibility: row.visibility,
    replyWindows: row.reply_windows,
    isNew: false,
    isChanged: false,
  };
}

/**
 * Locks the tickets, and those that continue them, in order of id: every transaction takes its ticket locks once, first,
 * and in this order, so that no two can wait for each other in a circle.
 */
const LOCK = {
  name: 'fanin-tickets-lock',
  text: `
WITH RECURSIVE chain AS (
  SELECT id, followed_up_by FROM tickets.tickets WHERE id = ANY ($1::uuid[])
  UNION
  SELECT t.id, t.followed_up_by FROM chain c JOIN tickets.tickets t ON t.id = c.followed_up_by
)
SELECT t.id, t.tenant, t.number, t.subject, t.status, t.priority, t.channel, t.account_id, t.tags, t.team_id, t.assignee_id,
       t.customer_id, t.participants, t.follow_up_of, t.followed_up_by, t.last_seq, t.created_at, t.updated_at,
       t.first_replied_at, t.solved_at, t.closed_at, t.visibility, t.reply_windows
FROM tickets.tickets t WHERE t.id IN (SELECT id FROM chain) ORDER BY t.id FOR UPDATE`,
};

export async function lockTickets(client: PoolClient, ids: readonly string[]): Promise<Map<string, TicketState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<TicketRow>({ ...LOCK, values: [plainColumn(ids)] });
  return new Map(rows.map((row) => [row.id, stateOf(row)]));
}

const INSERT = {
  name: 'fanin-tickets-insert',
  text: `
INSERT INTO tickets.tickets (id, tenant, number, subject, status, priority, channel, account_id, tags, team_id, assignee_id,
  customer_id, participants, follow_up_of, followed_up_by, last_seq, created_at, updated_at, first_replied_at, solved_at, closed_at)
SELECT n.id, n.tenant, n.number, n.subject, n.status, n.priority, n.channel, n.account_id, '{}', NULL, NULL,
  n.customer_id, string_to_array(n.participants, E'\\n'), n.follow_up_of, n.followed_up_by, n.last_seq, n.created_at, n.updated_at, NULL, NULL, NULL
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[], $10::text[],
  $11::uuid[], $12::uuid[], $13::int[], $14::timestamptz[], $15::timestamptz[])
  AS n(id, tenant, number, subject, status, priority, channel, account_id, customer_id, participants, follow_up_of,
  followed_up_by, last_seq, created_at, updated_at)`,
};

/** Tickets made in this transaction; they have neither tags nor team nor assignee and were never answered or solved. */
export async function insertTickets(client: PoolClient, tickets: readonly TicketState[]): Promise<void> {
  if (tickets.length === 0) return;
  const column = <T>(pick: (ticket: TicketState) => T): T[] => tickets.map(pick);
  await client.query({
    ...INSERT,
    values: [
      plainColumn(column((t) => t.id)),
      textColumn(column((t) => t.tenant)),
      plainColumn(column((t) => t.number)),
      textColumn(column((t) => t.subject)),
      textColumn(column((t) => t.status)),
      textColumn(column((t) => t.priority)),
      textColumn(column((t) => t.channel)),
      textColumn(column((t) => t.accountId)),
      plainColumn(column((t) => t.customerId)),
      textColumn(column((t) => t.participants.join('\n'))),
      plainColumn(column((t) => t.followUpOf)),
      plainColumn(column((t) => t.followedUpBy)),
      plainColumn(column((t) => t.lastSeq)),
      plainColumn(column((t) => t.createdAt)),
      plainColumn(column((t) => t.updatedAt)),
    ],
  });
}

const UPDATE = {
  name: 'fanin-tickets-update',
  text: `
UPDATE tickets.tickets t SET status = n.status, priority = n.priority, tags = ARRAY(SELECT json_array_elements_text(n.tags)),
  team_id = n.team_id, assignee_id = n.assignee_id, participants = string_to_array(n.participants, E'\\n'),
  followed_up_by = n.followed_up_by, last_seq = n.last_seq, updated_at = n.updated_at, first_replied_at = n.first_replied_at,
  solved_at = n.solved_at, closed_at = n.closed_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::json[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::int[],
  $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[])
  AS n(id, status, priority, tags, team_id, assignee_id, participants, followed_up_by, last_seq, updated_at, first_replied_at,
  solved_at, closed_at)
WHERE t.id = n.id`,
};

/** Tickets that were locked and changed in this transaction. */
export async function updateTickets(client: PoolClient, tickets: readonly TicketState[]): Promise<void> {
  if (tickets.length === 0) return;
  const column = <T>(pick: (ticket: TicketState) => T): T[] => tickets.map(pick);
  await client.query({
    ...UPDATE,
    values: [
      plainColumn(column((t) => t.id)),
      textColumn(column((t) => t.status)),
      textColumn(column((t) => t.priority)),
      jsonColumn(column((t) => storableJson(t.tags))),
      textColumn(column((t) => t.teamId)),
      textColumn(column((t) => t.assigneeId)),
      textColumn(column((t) => t.participants.join('\n'))),
      plainColumn(column((t) => t.followedUpBy)),
      plainColumn(column((t) => t.lastSeq)),
      plainColumn(column((t) => t.updatedAt)),
      plainColumn(column((t) => t.firstRepliedAt)),
      plainColumn(column((t) => t.solvedAt)),
      plainColumn(column((t) => t.closedAt)),
    ],
  });
}

const COUNT = {
  name: 'fanin-tickets-count',
  text: `
INSERT INTO tickets.ticket_counters AS c (tenant, last_number)
SELECT tenant, n FROM unnest($1::text[], $2::bigint[]) AS k(tenant, n) ORDER BY tenant
ON CONFLICT (tenant) DO UPDATE SET last_number = c.last_number + EXCLUDED.last_number
RETURNING tenant, last_number`,
};

/**
 * Gives the new tickets the next numbers of their tenants, in order. The counter's row stays locked until the commit, which
 * keeps the numbers without gaps: call it as late as possible, after all other locks.
 */
export async function numberTickets(client: PoolClient, tickets: readonly TicketState[]): Promise<void> {
  if (tickets.length === 0) return;
  const counts = new Map<string, number>();
  for (const { tenant } of tickets) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
  const { rows } = await client.query<{ tenant: string; last_number: string }>({
    ...COUNT,
    values: [[...counts.keys()], [...counts.values()]],
  });
  const next = new Map(rows.map((row) => [row.tenant, Number(row.last_number) - (counts.get(row.tenant) ?? 0) + 1]));
  for (const ticket of tickets) {
    const number = next.get(ticket.tenant) ?? 0;
    ticket.number = number;
    next.set(ticket.tenant, number + 1);
  }
}

/** Who may read the conversation and how it may be answered; only channels that tell such things come here. */
export async function saveConversationRules(client: PoolClient, tickets: readonly TicketState[]): Promise<void> {
  if (tickets.length === 0) return;
  await client.query(
    `UPDATE tickets.tickets t SET visibility = n.visibility, reply_windows = n.reply_windows
     FROM unnest($1::uuid[], $2::text[], $3::json[]) AS n(id, visibility, reply_windows) WHERE t.id = n.id`,
    [
      tickets.map(({ id }) => id),
      tickets.map(({ visibility }) => visibility),
      tickets.map(({ replyWindows }) => (replyWindows === null ? null : storableJson(replyWindows))),
    ],
  );
}
