import type { BusRecord, ReadOptions } from '@fanin/bus';
import type pg from 'pg';
import type { Topic } from './catalog.js';
import type { Database } from './database.js';

interface LogRow extends pg.QueryResultRow {
  segment: number;
  /** pg hands bigint over as text. */
  offset: string;
  ts: string;
  key: Buffer;
  value: Buffer | null;
  headers: string | null;
}

/** Where reading goes on: an offset, and the segment it is known not to lie before. */
export interface Cursor {
  readonly offset: bigint;
  readonly segment: number;
}

export interface Fetched {
  readonly records: readonly BusRecord[];
  readonly cursor: Cursor;
  /** A limit ended the batch: there may be more at once. */
  readonly full: boolean;
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

function toRecord(topic: Topic, partition: number, row: LogRow): BusRecord {
  return {
    topic: topic.name,
    partition,
    offset: BigInt(row.offset),
    key: row.key.toString('utf8'),
    value: row.value,
    headers: row.headers === null ? NO_HEADERS : (JSON.parse(row.headers) as Record<string, string>),
    timestampMs: Number(row.ts),
  };
}

/**
 * Reads on from a cursor, by index. A batch ends where its values reach `maxBytes` (the first record always comes);
 * octet_length of a value that is stored out of line does not fetch it. Headers come as text: they are JSON of our own
 * making, in which NUL is escaped, and bytes travel as twice as many hex digits.
 */
export async function fetchFrom(
  database: Database,
  topic: Topic,
  partition: number,
  cursor: Cursor,
  limits: { readonly maxRecords: number; readonly maxBytes: number },
): Promise<Fetched> {
  const sql = `
    SELECT segment, "offset", ts, key, value, convert_from(headers, 'UTF8') AS headers FROM (
      SELECT segment, "offset", ts, key, value, headers, octet_length(value) AS size,
        sum(octet_length(value)) OVER (ORDER BY "offset" ROWS UNBOUNDED PRECEDING) AS total
      FROM (
        SELECT segment, "offset", ts, key, value, headers FROM ${database.schema}.log_${topic.id}
        WHERE topic_id = ${topic.id} AND partition = $1 AND "offset" >= $2 AND segment >= $3
        ORDER BY "offset" LIMIT $4
      ) AS next
    ) AS summed
    WHERE total IS NULL OR total - coalesce(size, 0) < $5 OR total = size
    ORDER BY "offset"`;
  const values = [partition, String(cursor.offset), cursor.segment, limits.maxRecords, limits.maxBytes];
  const { rows } = await database.query<LogRow>(sql, values);
  const records = rows.map((row) => toRecord(topic, partition, row));
  const last = records.at(-1);
  if (last === undefined) return { records, cursor, full: false };
  const bytes = records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0);
  const full = records.length >= limits.maxRecords || bytes >= limits.maxBytes;
  return { records, cursor: { offset: last.offset + 1n, segment: rows.at(-1)?.segment ?? cursor.segment }, full };
}

/** First offset whose record is at least that old; undefined when there is none. */
export async function offsetAtTime(
  database: Database,
  topic: Topic,
  partition: number,
  timeMs: number,
): Promise<bigint | undefined> {
  const sql = `SELECT "offset" FROM ${database.schema}.log_${topic.id} WHERE topic_id = ${topic.id} AND partition = $1 AND ts >= $2 ORDER BY "offset" LIMIT 1`;
  const [row] = (await database.query<{ offset: string }>(sql, [partition, Math.trunc(timeMs)])).rows;
  return row === undefined ? undefined : BigInt(row.offset);
}

export async function readPartition(
  database: Database,
  topic: Topic,
  partition: number,
  options: ReadOptions,
  maxBytes: number,
): Promise<readonly BusRecord[]> {
  let offset = options.fromOffset ?? 0n;
  if (options.fromTimeMs !== undefined) {
    const found = await offsetAtTime(database, topic, partition, options.fromTimeMs);
    if (found === undefined) return [];
    offset = found > offset ? found : offset;
  }
  return (await fetchFrom(database, topic, partition, { offset, segment: 0 }, { maxRecords: options.limit, maxBytes }))
    .records;
}
