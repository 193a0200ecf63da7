import type { Database } from '@fanin/platform';
import { COUNT_COLUMNS, COUNT_ITEMS, HOUR_MS, PART_MS, windowColumns } from '../windows/window-columns.js';

/** Happenings of one statement: each stays below the statement's time limit on a busy machine. */
const CHUNK = 200_000;

/** Eleven a ticket, as a ticket makes them that is asked, answered, asked again, answered, solved and closed. */
const KINDS =
  "ARRAY['created','inbound','public_reply','first_reply','inbound','public_reply','next_reply','solved','first_resolution','full_resolution','closed']";
const CHANNEL = "(ARRAY['email','email','chat','phone','social'])[1 + t % 5]";
const PRIORITY = "(ARRAY['low','normal','normal','high'])[1 + t % 4]";
const TEAM = "CASE WHEN t % 3 = 0 THEN 'team-' || t % 6 ELSE '' END";
const BEGAN = '(1767225600000 + t * 300000::bigint)';

/** $1 and $2: first number of a happening, and the first beyond. */
const HAPPENINGS = `
INSERT INTO analytics.happenings (tenant, ticket_id, seq, kind, at, channel, team_id, priority, seconds, late)
SELECT 'shop', 'ticket-' || t, h % 11, (${KINDS})[1 + h % 11], ${BEGAN} + (h % 11) * 600000, ${CHANNEL}, ${TEAM}, ${PRIORITY},
  CASE WHEN (${KINDS})[1 + h % 11] IN ('first_reply', 'next_reply', 'first_resolution', 'full_resolution') THEN h * 7919 % 86400 END, false
FROM generate_series($1::bigint, $2::bigint - 1) AS h CROSS JOIN LATERAL (SELECT h / 11 AS t) AS of`;

/** $1: tickets. Memory holds what the writer reads of it. */
const FACTS = `
WITH f AS (INSERT INTO analytics.ticket_facts (row_id, record_version, is_deleted, definition_version, computed_at, tenant, ticket_id,
    ticket_number, channel, account_id, team_id, priority, status, customer_id, created_at, event_time_iso, report_date,
    inbound_count, public_reply_count, next_reply_count, internal_note_count, reopen_count, transfer_count,
    assignee_station_count, is_one_touch, is_agent_initiated, first_reply_at, first_reply_seconds)
  SELECT 'ticket-' || t, 1, false, 1, ${BEGAN}, 'shop', 'ticket-' || t, t, ${CHANNEL}, 'mail', NULLIF(${TEAM}, ''), ${PRIORITY},
    CASE WHEN t % 50 = 0 THEN 'open' ELSE 'closed' END, 'customer-' || t / 5, ${BEGAN}, '', '', 2, 2, 1, 0, 0, 0, 1, false, false,
    ${BEGAN} + 600000, 600 FROM generate_series(0, $1::int - 1) AS t)
INSERT INTO analytics.ticket_memory (ticket_id, tenant, seq, memory)
SELECT 'ticket-' || t, 'shop', 11, '{"seq":11}' FROM generate_series(0, $1::int - 1) AS t`;

/** $1: tickets. One row an hour and slice that something moved in. */
const BACKLOG = `
INSERT INTO analytics.backlog_hours (tenant, channel, team_id, priority, hour_at, delta)
SELECT DISTINCT 'shop', ${CHANNEL}, ${TEAM}, ${PRIORITY}, ${BEGAN} / 3600000 * 3600000, 0 FROM generate_series(0, $1::int - 1) AS t`;

const PARTS = `
INSERT INTO analytics.window_parts (tenant, channel, team_id, priority, part_at, ${COUNT_COLUMNS.join(', ')})
SELECT tenant, channel, team_id, priority, at - at % ${PART_MS}, ${COUNT_ITEMS} FROM analytics.happenings h GROUP BY 1, 2, 3, 4, 5`;

const GIVEN: Readonly<Record<string, string>> = {
  ...{ tenant: 'tenant', channel: 'channel', team_id: 'team_id', priority: 'priority', grain: "'hour'" },
  ...{ window_start_at: 'hour_at', window_end_at: `hour_at + ${HOUR_MS}`, is_deleted: 'false', is_final: 'true' },
  ...{
    row_id: "concat_ws('|', tenant, 'hour', hour_at, channel, team_id, priority)",
    event_time_iso: "''",
    report_date: "''",
  },
  ...{ calendar_id: 'NULL', calendar_version: 'NULL' },
};

const WINDOWS = `
INSERT INTO analytics.windows (${windowColumns().join(', ')})
SELECT ${windowColumns()
  .map((name) => GIVEN[name] ?? (name.includes('_seconds_') ? 'NULL' : '1'))
  .join(', ')} FROM analytics.backlog_hours`;

/** Of minutes that were counted, as they stand when flushes have failed for a while. */
const MARKS = `
INSERT INTO analytics.window_marks (tenant, grain, start_at, channel, team_id, priority)
SELECT tenant, 'part', part_at, channel, team_id, priority FROM (SELECT * FROM analytics.window_parts LIMIT 50000) p CROSS JOIN generate_series(1, 3)`;

/** A year of a busy shop by set-based statements, with statistics. For tests and benches. */
export async function fillAnalytics(database: Database, happenings: number): Promise<void> {
  for (let at = 0; at < happenings; at += CHUNK)
    await database.transaction('*', (client) => client.query(HAPPENINGS, [at, Math.min(happenings, at + CHUNK)]));
  const tickets = Math.floor(happenings / 11);
  await database.transaction('*', (client) => client.query(FACTS, [tickets]));
  await database.transaction('*', (client) => client.query(BACKLOG, [tickets]));
  for (const sql of [PARTS, WINDOWS, MARKS]) await database.transaction('*', (client) => client.query(sql));
  await database.pool.query('ANALYZE');
}
