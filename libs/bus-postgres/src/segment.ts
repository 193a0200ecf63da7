import type pg from 'pg';

export function segmentTable(schema: string, topicId: number, first: number): string {
  return `${schema}.log_${topicId}_${first}`;
}

/**
 * Makes the table of a new segment. It is made apart and then attached: CREATE … PARTITION OF would lock out readers and
 * writers of the whole topic, ATTACH does not.
 */
export async function createSegment(
  client: pg.ClientBase,
  schema: string,
  topicId: number,
  first: number,
): Promise<void> {
  const table = segmentTable(schema, topicId, first);
  await client.query(`CREATE TABLE ${table} (LIKE ${schema}.log INCLUDING ALL)`);
  await client.query(`ALTER TABLE ${table} SET (autovacuum_vacuum_insert_threshold = 100000)`);
  await client.query(
    `ALTER TABLE ${schema}.log_${topicId} ATTACH PARTITION ${table} FOR VALUES FROM (${first}) TO (${first + 1})`,
  );
  await client.query(`INSERT INTO ${schema}.segment (topic_id, first, last) VALUES ($1, $2, $2)`, [topicId, first]);
}
