import type { CrashPoints } from '@fanin/kernel';
import { together } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { applyAmendments, linkAmendments, moveAmendments } from '../amendments/apply-amendments.js';
import { insertClaims } from '../echoes/echo-claims.js';
import type { Publishing } from '../events/publishing.js';
import { saveDeliveries } from '../receipts/sent-messages.js';
import { queueForSearch } from '../search/search-queue.js';
import { insertMessages } from '../tickets/message-rows.js';
import { plainColumn, textColumn, type Column } from '../sql/columns.js';
import { insertTasks } from '../tasks/task-rows.js';
import { insertTickets, numberTickets, saveConversationRules, updateTickets } from '../tickets/ticket-rows.js';
import type { BatchPlan, NewIdentity } from './batch-plan.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { StaleMessage, StaleRead, type BatchState, type StoredReference } from './batch-state.js';
import { moveMerged } from './move-merged.js';

/**
 * Writes a plan in a fixed number of statements, each for all rows of its table, in three ways there and back. The tables come
 * in the same order in every transaction and rows in the order of their keys, so that two consumers wait for each other
 * but never in a circle. A row that is there already although it was not when we read means StaleRead; the ticket counter
 * comes last, because its lock is the one that everybody who opens a ticket needs.
 */
export async function writePlan(
  client: PoolClient,
  plan: BatchPlan,
  state: BatchState,
  { publishing, crashPoints }: { readonly publishing: Publishing; readonly crashPoints: CrashPoints },
  now: string,
): Promise<void> {
  if (plan.isEmpty()) return;
  await together(
    writeIdentities(client, plan.identities, now),
    writeNames(client, [...plan.names.values()]),
    writeConversations(client, plan),
    writeReferences(client, plan),
    upgradeReferences(client, plan),
    writeMessages(client, plan),
  );
  crashPoints.at('tickets.half-written');
  await writeWhatIsRare(client, plan, now);
  const known = [...state.tickets.values()];
  await together(
    updateTickets(
      client,
      known.filter((ticket) => ticket.isChanged && !ticket.isNew),
    ),
    queueForSearch(client, plan.messages),
    publishing.fates(client, plan.fates),
    numberTickets(client, plan.newTickets),
  );
  for (const event of plan.events) {
    // Made before the ticket had its number.
    if (event.ticket.number === 0) event.ticket.number = state.tickets.get(event.ticket_id)?.number ?? 0;
  }
  await together(
    insertTickets(client, plan.newTickets),
    // The insert knows fresh tickets only; one that was answered or merged within its own batch is brought up to date.
    updateTickets(client, plan.newTickets.filter(isMoreThanNew)),
    saveConversationRules(client, [...plan.ruled]),
    publishing.events(client, plan.events),
  );
}

/** Nothing is sent for most batches. Each step needs what the one before answered. */
async function writeWhatIsRare(client: PoolClient, plan: BatchPlan, now: string): Promise<void> {
  await moveMerged(client, plan, now);
  await saveDeliveries(client, [...plan.deliveries]);
  await writeAmendments(client, plan);
  await insertTasks(client, plan.tasks);
  await insertClaims(client, plan.echoClaims, now);
}

async function writeMessages(client: PoolClient, plan: BatchPlan): Promise<void> {
  const messages = sortedBy(plan.messages, ({ id }) => id);
  if ((await insertMessages(client, messages)) !== messages.length) throw new StaleMessage(messages);
}

function isMoreThanNew(ticket: TicketState): boolean {
  return ticket.firstRepliedAt !== null || ticket.closedAt !== null || ticket.tags.length > 0;
}

/** Ordinary batches hold no amendments, and end here. */
async function writeAmendments(client: PoolClient, plan: BatchPlan): Promise<void> {
  if (plan.amendments.size + plan.movedAmendments.size === 0) return;
  const linked = await linkAmendments(client, plan.amendments);
  await moveAmendments(client, plan.movedAmendments);
  await applyAmendments(client, [...new Set([...linked, ...plan.movedAmendments.values()])]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Keys are made once per row, not once per comparison. */
function sortedBy<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  return rows
    .map((row) => [keyOf(row), row] as const)
    .sort(([a], [b]) => compare(a, b))
    .map(([, row]) => row);
}

async function writeIdentities(client: PoolClient, identities: readonly NewIdentity[], now: string): Promise<void> {
  if (identities.length === 0) return;
  const sorted = sortedBy(identities, (one) => `${one.tenant}\n${one.kind}\n${one.id}`);
  const { rows } = await client.query<{ written: string }>({
    name: 'fanin-tickets-identities',
    text: `WITH n AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[]) AS n(tenant, kind, id, customer_id, name)),
     i AS (INSERT INTO tickets.identities (tenant, kind, id, customer_id, name) SELECT * FROM n ON CONFLICT DO NOTHING RETURNING 1),
     c AS (INSERT INTO tickets.customers (id, tenant, name, created_at) SELECT customer_id, tenant, name, $6 FROM n)
     SELECT count(*) AS written FROM i`,
    values: [
      textColumn(sorted.map((x) => x.tenant)),
      textColumn(sorted.map((x) => x.kind)),
      textColumn(sorted.map((x) => x.id)),
      plainColumn(sorted.map((x) => x.customerId)),
      textColumn(sorted.map((x) => x.name)),
      now,
    ],
  });
  if (Number(rows[0]?.written) !== identities.length) throw new StaleRead('an identity');
}

async function writeNames(client: PoolClient, names: readonly NewIdentity[]): Promise<void> {
  if (names.length === 0) return;
  await client.query(
    `WITH n AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[]) AS n(tenant, kind, id, customer_id, name)),
     i AS (UPDATE tickets.identities d SET name = n.name FROM n WHERE d.tenant = n.tenant AND d.kind = n.kind AND d.id = n.id AND d.name IS NULL)
     UPDATE tickets.customers c SET name = n.name FROM n WHERE c.id = n.customer_id AND c.name IS NULL`,
    [
      textColumn(names.map((x) => x.tenant)),
      textColumn(names.map((x) => x.kind)),
      textColumn(names.map((x) => x.id)),
      plainColumn(names.map((x) => x.customerId)),
      textColumn(names.map((x) => x.name)),
    ],
  );
}

async function writeConversations(client: PoolClient, plan: BatchPlan): Promise<void> {
  if (plan.conversations.size === 0) return;
  const rows = [...plan.conversations].sort(([a], [b]) => compare(a, b)).map(([, row]) => row);
  const { rowCount } = await client.query({
    name: 'fanin-tickets-conversations',
    text: `INSERT INTO tickets.conversations (tenant, account_id, key_hash, ticket_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[]) ON CONFLICT DO NOTHING`,
    values: [
      textColumn(rows.map((x) => x[0])),
      textColumn(rows.map((x) => x[1])),
      plainColumn(rows.map((x) => x[2])),
      plainColumn(rows.map((x) => x[3])),
    ],
  });
  if (rowCount !== rows.length) throw new StaleRead('a conversation');
}

async function writeReferences(client: PoolClient, plan: BatchPlan): Promise<void> {
  if (plan.references.size === 0) return;
  const { rowCount } = await client.query({
    name: 'fanin-tickets-references',
    text: `INSERT INTO tickets.message_references (tenant, ref_hash, ticket_id, message_id, origin)
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING`,
    values: referenceColumns(plan.references),
  });
  if (rowCount !== plan.references.size) throw new StaleRead('a reference');
}

async function upgradeReferences(client: PoolClient, plan: BatchPlan): Promise<void> {
  if (plan.upgradedReferences.size === 0) return;
  const was = [...plan.upgradedReferences].sort(([a], [b]) => compare(a, b)).map(([, row]) => row.storedOrigin ?? null);
  const { rowCount } = await client.query(
    `UPDATE tickets.message_references r SET ticket_id = n.ticket_id, message_id = n.message_id, origin = n.origin
     FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[]) AS n(tenant, hash, ticket_id, message_id, origin, was)
     WHERE r.tenant = n.tenant AND r.ref_hash = n.hash AND r.origin = n.was`,
    [...referenceColumns(plan.upgradedReferences), textColumn(was)],
  );
  if (rowCount !== plan.upgradedReferences.size) throw new StaleRead('a reference that was only named');
}

function referenceColumns(references: ReadonlyMap<string, StoredReference>): Column[] {
  const rows = [...references].sort(([a], [b]) => compare(a, b));
  return [
    textColumn(rows.map(([key]) => key.slice(0, key.lastIndexOf('\n')))),
    plainColumn(rows.map(([key]) => key.slice(key.lastIndexOf('\n') + 1))),
    plainColumn(rows.map(([, row]) => row.ticketId)),
    textColumn(rows.map(([, row]) => row.messageId)),
    textColumn(rows.map(([, row]) => row.origin)),
  ];
}
