import type pg from 'pg';
import { segmentTable } from './segment.js';

interface SegmentRow extends pg.QueryResultRow {
  first: number;
  last: number;
  opened_at: Date;
  closed_at: Date;
  compacted: boolean;
  bytes: string;
}

/**
 * Merges the closed segments of a compacted topic into one that keeps the newest record of each key, and leaves out what
 * the open segment has overwritten already and tombstones that are older than `tombstoneMs`. Records keep their offsets
 * and segment numbers, so readers in the middle go on undisturbed; the swap is one transaction.
 */
export async function compact(
  client: pg.ClientBase,
  schema: string,
  topicId: number,
  tombstoneMs: number,
): Promise<void> {
  const segments = await closedSegments(client, schema, topicId);
  const bytesOf = (compacted: boolean): number =>
    segments.filter((each) => each.compacted === compacted).reduce((sum, each) => sum + Number(each.bytes), 0);
  const [oldest] = segments;
  const newest = segments.at(-1);
  // As in Kafka (min.cleanable.dirty.ratio): rewriting pays once a good part of the log is new.
  if (
    oldest === undefined ||
    newest === undefined ||
    segments.every((each) => each.compacted) ||
    bytesOf(false) < bytesOf(true) / 2
  )
    return;
  const parent = `${schema}.log_${topicId}`;
  const merged = `${parent}_compact`;
  await client.query(`CREATE TABLE ${merged} (LIKE ${schema}.log INCLUDING ALL)`);
  await client.query(
    `INSERT INTO ${merged}
     SELECT topic_id, partition, segment, "offset", ts, key, value, headers FROM (
       SELECT l.*, row_number() OVER (PARTITION BY partition, key ORDER BY "offset" DESC) AS age
       FROM ${parent} l WHERE topic_id = $1 AND segment <= $2) AS ranked
     WHERE age = 1
       AND NOT (value IS NULL AND ts < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $3::bigint)
       AND NOT EXISTS (
         SELECT 1 FROM ${parent} newer
         WHERE newer.topic_id = $1 AND newer.segment > $2 AND newer.partition = ranked.partition AND newer.key = ranked.key)
     ORDER BY partition, "offset"`,
    [topicId, newest.last, tombstoneMs],
  );
  for (const { first } of segments) await client.query(`DROP TABLE ${segmentTable(schema, topicId, first)}`);
  await client.query(`ALTER TABLE ${merged} RENAME TO log_${topicId}_${oldest.first}`);
  const table = segmentTable(schema, topicId, oldest.first);
  await client.query(
    `ALTER TABLE ${parent} ATTACH PARTITION ${table} FOR VALUES FROM (${oldest.first}) TO (${newest.last + 1})`,
  );
  await client.query(`DELETE FROM ${schema}.segment WHERE topic_id = $1 AND last <= $2`, [topicId, newest.last]);
  await client.query(
    `INSERT INTO ${schema}.segment (topic_id, first, last, opened_at, closed_at, compacted_at) VALUES ($1, $2, $3, $4, $5, clock_timestamp())`,
    [topicId, oldest.first, newest.last, oldest.opened_at, newest.closed_at],
  );
}

async function closedSegments(client: pg.ClientBase, schema: string, topicId: number): Promise<SegmentRow[]> {
  const sql = `
    SELECT s.first, s.last, s.opened_at, s.closed_at, s.compacted_at IS NOT NULL AS compacted,
      pg_total_relation_size(format('${schema}.log_%s_%s', s.topic_id, s.first)::regclass) AS bytes
    FROM ${schema}.segment s JOIN ${schema}.topic t ON t.id = s.topic_id
    WHERE s.topic_id = $1 AND t.cleanup LIKE 'compact%' AND s.closed_at IS NOT NULL ORDER BY s.first`;
  return (await client.query<SegmentRow>(sql, [topicId])).rows;
}
