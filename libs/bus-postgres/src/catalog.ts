import type { TopicSpec } from '@fanin/bus';
import { FaninError } from '@fanin/kernel';
import type pg from 'pg';
import type { Database } from './database.js';
import { createSegment } from './segment.js';

export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: TopicSpec['cleanup'];
}

interface TopicRow extends pg.QueryResultRow {
  id: number;
  name: string;
  partitions: number;
  cleanup: TopicSpec['cleanup'];
}

/** Topics by name and by number. Topics never change their id, name or partition count, so they are remembered. */
export class Catalog {
  private readonly byName = new Map<string, Topic>();
  private readonly byId = new Map<number, Topic>();

  constructor(private readonly database: Database) {}

  async topic(name: string): Promise<Topic> {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const sql = `SELECT id, name, partitions, cleanup FROM ${this.database.schema}.topic WHERE name = $1`;
    const [row] = (await this.database.query<TopicRow>(sql, [name])).rows;
    if (row === undefined)
      throw new FaninError('CONFIG', `there is no topic ${name}: declare it with ensureTopics before use`);
    return this.remember(row);
  }

  /** A topic that was asked for by name before. */
  known(id: number): Topic | undefined {
    return this.byId.get(id);
  }

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const missing = specs.filter((spec) => this.byName.get(spec.name)?.partitions !== spec.partitions);
    if (missing.length === 0) return;
    await this.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `fanin.${this.database.schema}.topics`,
      ]);
      for (const spec of missing) await this.ensureOne(client, spec);
    });
  }

  private async ensureOne(client: pg.ClientBase, spec: TopicSpec): Promise<void> {
    if (!Number.isInteger(spec.partitions) || spec.partitions < 1)
      throw new FaninError('CONFIG', `topic ${spec.name} needs at least one partition`);
    const { schema } = this.database;
    const [found] = (
      await client.query<TopicRow>(`SELECT id, name, partitions, cleanup FROM ${schema}.topic WHERE name = $1`, [
        spec.name,
      ])
    ).rows;
    if (found !== undefined) {
      if (found.partitions === spec.partitions) return;
      throw new FaninError(
        'CONFIG',
        `topic ${spec.name} has ${found.partitions} partitions and is declared with ${spec.partitions}; keys would change their partition, so make a new version of the topic instead`,
      );
    }
    const inserted = await client.query<TopicRow>(
      `INSERT INTO ${schema}.topic (name, partitions, retention_ms, cleanup) VALUES ($1, $2, $3, $4) RETURNING id, name, partitions, cleanup`,
      [spec.name, spec.partitions, spec.retentionMs, spec.cleanup],
    );
    const id = inserted.rows[0]?.id as number;
    // Made apart and attached, as segments are: the other topics go on meanwhile.
    await client.query(
      `CREATE TABLE ${schema}.log_${id} (LIKE ${schema}.log INCLUDING ALL) PARTITION BY RANGE (segment)`,
    );
    await client.query(`ALTER TABLE ${schema}.log ATTACH PARTITION ${schema}.log_${id} FOR VALUES IN (${id})`);
    await createSegment(client, schema, id, 1);
    await client.query(
      `INSERT INTO ${schema}.partition (topic_id, partition, segment) SELECT $1, p, 1 FROM generate_series(0, $2::int - 1) AS p`,
      [id, spec.partitions],
    );
  }

  private remember(row: TopicRow): Topic {
    const topic: Topic = { id: row.id, name: row.name, partitions: row.partitions, cleanup: row.cleanup };
    this.byName.set(topic.name, topic);
    this.byId.set(topic.id, topic);
    return topic;
  }
}
