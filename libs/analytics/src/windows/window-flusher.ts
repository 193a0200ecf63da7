import type { Codec, WindowV1 } from '@fanin/contracts';
import type { Clock } from '@fanin/kernel';
import type { Database, Outbox } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { DEFINITION_VERSION } from '../facts/ticket-state.js';
import { aggregateColumns, DAY_MS, GRACE_MS, HOUR_MS, windowColumns } from './window-columns.js';

export interface WindowFlusherOptions {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly codec: Codec<WindowV1>;
  readonly topic: string;
  readonly clock: Clock;
}

/** Of one pass, at most. */
export const WINDOWS_PER_FLUSH = 200;
/** Only one replica flushes at a time; the others skip. */
const FLUSH_LOCK = "pg_try_advisory_xact_lock(hashtext('fanin.analytics.flush'))";

/**
 * Computes dirty windows again from the happenings and sends the whole row with a higher version. Exact, because it counts
 * rows rather than adding deltas: the same events give the same windows in whatever order batches came.
 */
export class WindowFlusher {
  private readonly sql = flushSql();
  private lastHour = 0;

  constructor(private readonly options: WindowFlusherOptions) {}

  /** One pass; returns how many windows were sent, WINDOWS_PER_FLUSH when there may be more. */
  async flush(): Promise<number> {
    const { database, outbox, codec, topic, clock } = this.options;
    const now = clock.now();
    const hour = now - (now % HOUR_MS);
    let marked = false;
    const sent = await database.transaction('*', async (client) => {
      marked = false;
      const lock = await client.query<{ held: boolean }>(`SELECT ${FLUSH_LOCK} AS held`);
      if (lock.rows[0]?.held !== true) return 0;
      await this.markByTime(client, now, hour);
      marked = true;
      const result = await client.query<{ row: WindowV1 }>({
        name: 'fanin-analytics-flush',
        text: this.sql,
        values: [WINDOWS_PER_FLUSH, now, GRACE_MS, DEFINITION_VERSION],
      });
      const records = result.rows.map(({ row }) => codec.encode(row, { key: row.row_id, source: '/fanin/analytics' }));
      if (records.length > 0) await outbox.add(client, topic, records);
      return records.length;
    });
    // Not before: a transaction that was taken back has marked nothing.
    if (marked) this.lastHour = hour;
    return sent;
  }

  /** Windows that must be sent again because time passed: a new hour's backlog, and those whose grace is over. */
  private async markByTime(client: PoolClient, now: number, hour: number): Promise<void> {
    await client.query(
      `INSERT INTO analytics.dirty_windows
       SELECT tenant, grain, window_start_at, channel, team_id, priority FROM analytics.windows
       WHERE NOT is_final AND window_end_at <= $1 LIMIT 100 ON CONFLICT DO NOTHING`,
      [now - GRACE_MS],
    );
    if (hour === this.lastHour) return;
    await client.query(
      `INSERT INTO analytics.dirty_windows
       SELECT b.tenant, g.grain, g.start_at, b.channel, b.team_id, b.priority
       FROM (SELECT tenant, channel, team_id, priority FROM analytics.backlog_hours GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0) b
       CROSS JOIN (VALUES ('hour', $1::bigint), ('day', $2::bigint)) g (grain, start_at)
       ON CONFLICT DO NOTHING`,
      [hour, now - (now % DAY_MS)],
    );
  }
}

/** One statement: takes dirty windows, aggregates, upserts, returns the rows as JSON (so that bigints come as numbers). */
function flushSql(): string {
  const columns = windowColumns();
  const updates = columns
    .filter((name) => name !== 'row_id' && name !== 'record_version')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ');
  return `
WITH taken AS (
  DELETE FROM analytics.dirty_windows d USING (
    SELECT ctid FROM analytics.dirty_windows ORDER BY window_start_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ) t WHERE d.ctid = t.ctid RETURNING d.*
), spans AS (
  SELECT *, window_start_at + CASE grain WHEN 'hour' THEN ${HOUR_MS} ELSE ${DAY_MS} END AS window_end_at,
    concat_ws('|', tenant, grain, window_start_at, channel, team_id, priority) AS row_id
  FROM taken
), counted AS (
  SELECT s.row_id, a.* FROM spans s CROSS JOIN LATERAL (
    SELECT ${aggregateColumns()}
    FROM analytics.happenings h
    WHERE h.tenant = s.tenant AND h.channel = s.channel AND h.team_id = s.team_id AND h.priority = s.priority
      AND h.at >= s.window_start_at AND h.at < s.window_end_at
  ) a
), backlog AS (
  SELECT s.row_id, coalesce(sum(b.delta), 0) AS backlog_count
  FROM spans s LEFT JOIN analytics.backlog_hours b
    ON b.tenant = s.tenant AND b.channel = s.channel AND b.team_id = s.team_id AND b.priority = s.priority AND b.hour_at < s.window_end_at
  GROUP BY s.row_id
), made AS (
  SELECT s.tenant, s.grain, s.window_start_at, s.window_end_at, s.channel, s.team_id, s.priority, s.row_id,
    1 AS record_version, false AS is_deleted, $4::bigint AS definition_version, $2::bigint AS computed_at,
    NULL::text AS calendar_id, NULL::bigint AS calendar_version,
    to_char(to_timestamp(s.window_start_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') AS event_time_iso,
    to_char(to_timestamp(s.window_start_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS report_date,
    s.window_end_at + $3::bigint <= $2::bigint AS is_final, greatest(b.backlog_count, 0) AS backlog_count,
    ${columns
      .filter((name) => /_(count|sum|min|max|p50|p90)$|_le_\d+$/.test(name) && name !== 'backlog_count')
      .map((name) => `c.${name}`)
      .join(', ')}
  FROM spans s JOIN counted c USING (row_id) JOIN backlog b USING (row_id)
)
INSERT INTO analytics.windows AS w (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM made
ON CONFLICT (row_id) DO UPDATE SET ${updates}, record_version = w.record_version + 1
RETURNING to_jsonb(w.*) AS row`;
}
