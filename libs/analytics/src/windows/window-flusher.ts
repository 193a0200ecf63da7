import type { Codec, WindowV1 } from '@fanin/contracts';
import type { Clock } from '@fanin/kernel';
import type { Database, Outbox } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { DEFINITION_VERSION } from '../facts/ticket-state.js';
import {
  COUNT_COLUMNS,
  COUNT_ITEMS,
  DAY_MS,
  DURATION_COLUMNS,
  DURATION_ITEMS,
  GRACE_MS,
  HOUR_MS,
  PART_MS,
  startOf,
  windowColumns,
} from './window-columns.js';

export interface WindowFlusherOptions {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly codec: Codec<WindowV1>;
  readonly topic: string;
  readonly clock: Clock;
}

/** Places that are marked, of one pass, at most: each is a part of an hour and of a day, or one of these. */
export const MARKS_PER_FLUSH = 200;
/** Only one replica flushes at a time; the others skip. */
const FLUSH_LOCK = "pg_try_advisory_xact_lock(hashtext('fanin.analytics.flush'))";

/**
 * Computes marked windows again from the happenings and sends the whole row with a higher version. Exact, because it counts
 * rows rather than adding deltas: the same events give the same windows in whatever order batches came. Only the parts that are
 * marked are counted, and of the rest of a window its durations alone are read.
 */
export class WindowFlusher {
  private readonly sql = flushSql();
  private lastHour = 0;

  constructor(private readonly options: WindowFlusherOptions) {}

  /** One pass; returns how many marked places it took, MARKS_PER_FLUSH when there may be more. */
  async flush(): Promise<number> {
    const { database, outbox, codec, topic, clock } = this.options;
    const now = clock.now();
    const hour = startOf(now, HOUR_MS);
    let marked = false;
    const taken = await database.transaction('*', async (client) => {
      marked = false;
      const lock = await client.query<{ held: boolean }>(`SELECT ${FLUSH_LOCK} AS held`);
      if (lock.rows[0]?.held !== true) return 0;
      await this.markByTime(client, now, hour);
      await client.query({ name: 'fanin-analytics-moved-windows', text: MARK_MOVED_WINDOWS, values: [now] });
      marked = true;
      const { rows } = await client.query<{ row: WindowV1; taken: number }>({
        name: 'fanin-analytics-flush',
        text: this.sql,
        values: [now, GRACE_MS, DEFINITION_VERSION],
      });
      const records = rows.map(({ row }) => codec.encode(row, { key: row.row_id, source: '/fanin/analytics' }));
      if (records.length > 0) await outbox.add(client, topic, records);
      return rows[0]?.taken ?? 0;
    });
    // Not before: a transaction that was taken back has marked nothing.
    if (marked) this.lastHour = hour;
    return taken;
  }

  /** Windows that must be sent again because time passed: a new hour's backlog, and those whose grace is over. */
  private async markByTime(client: PoolClient, now: number, hour: number): Promise<void> {
    await client.query(
      `INSERT INTO analytics.window_marks
       SELECT tenant, grain, window_start_at, channel, team_id, priority FROM analytics.windows w
       WHERE NOT is_final AND window_end_at <= $1 AND NOT EXISTS (${STANDING_MARK}) LIMIT 100`,
      [now - GRACE_MS],
    );
    if (hour === this.lastHour) return;
    await client.query(
      `INSERT INTO analytics.window_marks
       SELECT b.tenant, g.grain, g.start_at, b.channel, b.team_id, b.priority
       FROM (SELECT tenant, channel, team_id, priority FROM analytics.backlog_hours GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0) b
       CROSS JOIN (VALUES ('hour', $1::bigint), ('day', $2::bigint)) g (grain, start_at)`,
      [hour, startOf(now, DAY_MS)],
    );
  }
}

const SLICE = ['tenant', 'channel', 'team_id', 'priority'];
const PLACE = ['start_at', 'grain', ...SLICE];

function same(left: string, right: string, columns: readonly string[]): string {
  return columns.map((name) => `${left}.${name} = ${right}.${name}`).join(' AND ');
}

/** Each grain of windows with its length, as rows `g`. */
const WINDOW_LENGTHS = `(VALUES ('hour', ${HOUR_MS}::bigint), ('day', ${DAY_MS}::bigint)) g (grain, ms)`;

function sliceOf(alias: string): string {
  return SLICE.map((name) => `${alias}.${name}`).join(', ');
}

/** What an upsert takes over from the new row. */
function replaced(columns: readonly string[]): string {
  return columns.map((name) => `${name} = excluded.${name}`).join(', ');
}

/** Of window `w`, by whom it is to be told again already. Only a flush takes marks, so this one does not vanish meanwhile. */
const STANDING_MARK = `SELECT FROM analytics.window_marks s
  WHERE s.grain <> 'backlog' AND s.start_at = w.window_start_at AND s.grain = w.grain AND ${same('s', 'w', SLICE)}`;

/**
 * Of each slice whose backlog moved: the windows that end after that, and those of now, which show the backlog as it stands.
 * Whoever flushes is the only one who makes windows, so those that are there are all there are, and those that this pass makes
 * count what has moved.
 */
const MARK_MOVED_WINDOWS = `
WITH moved AS (
  DELETE FROM analytics.window_marks WHERE grain = 'backlog' RETURNING *
), slices AS (
  SELECT ${SLICE.join(', ')}, min(start_at) AS start_at FROM moved GROUP BY ${SLICE.join(', ')}
), w AS (
  SELECT ${sliceOf('m')}, g.grain, w.window_start_at
  FROM slices m CROSS JOIN ${WINDOW_LENGTHS}
  JOIN analytics.windows w ON ${same('w', 'm', SLICE)} AND w.grain = g.grain AND w.window_start_at > m.start_at - g.ms
  UNION SELECT ${sliceOf('m')}, g.grain, $1::bigint - $1::bigint % g.ms
  FROM slices m CROSS JOIN ${WINDOW_LENGTHS}
)
INSERT INTO analytics.window_marks (tenant, grain, start_at, channel, team_id, priority)
SELECT tenant, grain, window_start_at, channel, team_id, priority FROM w WHERE NOT EXISTS (${STANDING_MARK})`;

/**
 * One statement, so that marks and rows are those of one moment: takes marks, counts the parts that are marked and keeps them,
 * adds parts up to windows, upserts these and returns them as JSON (so that bigints come as numbers). Marks that are not
 * committed yet stay, and with them all that they tell of; beyond the limit of one pass a window is told once more.
 */
function flushSql(): string {
  const columns = windowColumns();
  const updates = replaced(columns.filter((name) => name !== 'row_id' && name !== 'record_version'));
  const partColumns = [...SLICE, 'part_at', ...COUNT_COLUMNS].join(', ');
  return `
WITH marks AS (
  SELECT DISTINCT ${PLACE.join(', ')} FROM analytics.window_marks WHERE grain <> 'backlog' ORDER BY ${PLACE.join(', ')} LIMIT ${MARKS_PER_FLUSH}
), gone AS (
  DELETE FROM analytics.window_marks d USING marks m WHERE d.grain <> 'backlog' AND ${same('d', 'm', PLACE)}
), parts AS (
  SELECT ${SLICE.join(', ')}, start_at AS part_at FROM marks WHERE grain = 'part'
  UNION SELECT ${SLICE.join(', ')}, generate_series(start_at, start_at + ${HOUR_MS - PART_MS}, ${PART_MS}) FROM marks WHERE grain = 'whole-hour'
), fresh AS (
  SELECT ${sliceOf('m')}, m.part_at, a.*
  FROM parts m CROSS JOIN LATERAL (
    SELECT ${COUNT_ITEMS}
    FROM analytics.happenings h
    WHERE ${same('h', 'm', SLICE)} AND h.at >= m.part_at AND h.at < m.part_at + ${PART_MS}
  ) a
), kept AS (
  INSERT INTO analytics.window_parts (${partColumns}) SELECT ${partColumns} FROM fresh
  ON CONFLICT (${[...SLICE, 'part_at'].join(', ')}) DO UPDATE SET ${replaced(COUNT_COLUMNS)}
), spans AS (
  SELECT DISTINCT ${sliceOf('m')}, g.grain,
    m.start_at - m.start_at % g.ms AS window_start_at, m.start_at - m.start_at % g.ms + g.ms AS window_end_at,
    concat_ws('|', m.tenant, g.grain, m.start_at - m.start_at % g.ms, m.channel, m.team_id, m.priority) AS row_id
  FROM marks m JOIN ${WINDOW_LENGTHS} ON m.grain IN ('part', 'whole-hour', g.grain)
), counted AS (
  SELECT s.row_id, a.* FROM spans s CROSS JOIN LATERAL (
    SELECT ${COUNT_COLUMNS.map((name) => `coalesce(sum(p.${name}), 0) AS ${name}`).join(', ')}
    FROM (
      SELECT * FROM fresh f WHERE ${same('f', 's', SLICE)} AND f.part_at >= s.window_start_at AND f.part_at < s.window_end_at
      UNION ALL
      SELECT ${partColumns} FROM analytics.window_parts k
      WHERE ${same('k', 's', SLICE)} AND k.part_at >= s.window_start_at AND k.part_at < s.window_end_at
        AND NOT EXISTS (SELECT FROM fresh f WHERE ${same('f', 'k', [...SLICE, 'part_at'])})
    ) p
  ) a
), durations AS (
  SELECT s.row_id, a.* FROM spans s CROSS JOIN LATERAL (
    SELECT ${DURATION_ITEMS}
    FROM analytics.happenings h
    WHERE ${same('h', 's', SLICE)} AND h.at >= s.window_start_at AND h.at < s.window_end_at AND h.seconds IS NOT NULL
  ) a
), backlog AS (
  SELECT s.row_id, coalesce(sum(b.delta), 0) AS backlog_count
  FROM spans s LEFT JOIN analytics.backlog_hours b ON ${same('b', 's', SLICE)} AND b.hour_at < s.window_end_at
  GROUP BY s.row_id
), made AS (
  SELECT s.tenant, s.grain, s.window_start_at, s.window_end_at, s.channel, s.team_id, s.priority, s.row_id,
    1 AS record_version, false AS is_deleted, $3::bigint AS definition_version, $1::bigint AS computed_at,
    NULL::text AS calendar_id, NULL::bigint AS calendar_version,
    to_char(to_timestamp(s.window_start_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') AS event_time_iso,
    to_char(to_timestamp(s.window_start_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS report_date,
    s.window_end_at + $2::bigint <= $1::bigint AS is_final, greatest(b.backlog_count, 0) AS backlog_count,
    ${[...COUNT_COLUMNS.map((name) => `c.${name}`), ...DURATION_COLUMNS.map((name) => `d.${name}`)].join(', ')}
  FROM spans s JOIN counted c USING (row_id) JOIN durations d USING (row_id) JOIN backlog b USING (row_id)
), told AS (
  INSERT INTO analytics.windows AS w (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM made
  ON CONFLICT (row_id) DO UPDATE SET ${updates}, record_version = w.record_version + 1
  RETURNING to_jsonb(w.*) AS row
)
SELECT row, (SELECT count(*)::int FROM marks) AS taken FROM told`;
}
