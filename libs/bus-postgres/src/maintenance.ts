import type { Clock, Logger, Metrics } from '@fanin/kernel';
import { messageOf } from '@fanin/kernel';
import type pg from 'pg';
import { compact } from './compaction.js';
import type { Database } from './database.js';
import type { MaintenanceOptions } from './options.js';
import { createSegment, segmentTable } from './segment.js';

interface TopicState extends pg.QueryResultRow {
  id: number;
  name: string;
  retention_ms: string;
  cleanup: string;
  first: number;
  age_ms: string;
  bytes: string;
  empty: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A table that is in use is left for the next round rather than making readers queue behind us. */
const LOCK_TIMEOUT_MS = 500;

/** Keeps the log in bounds: closes segments, drops those past retention, compacts those of compacted topics. */
export class Maintenance {
  private readonly over = new AbortController();
  private looping: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
    private readonly options: MaintenanceOptions,
  ) {}

  start(): void {
    const everyMs = this.options.everyMs ?? 60_000;
    if (everyMs > 0) this.looping ??= this.loop(everyMs);
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.looping;
  }

  async run(): Promise<void> {
    const { schema } = this.database;
    const topics = await this.database.query<{ id: number }>(`SELECT id FROM ${schema}.topic ORDER BY id`);
    for (const { id } of topics.rows) {
      if (this.over.signal.aborted) return;
      await this.step(id, (client) => this.roll(client, id));
      await this.step(id, (client) => this.dropOld(client, id));
      await this.step(id, (client) => compact(client, schema, id, this.options.tombstoneMs ?? 7 * DAY_MS));
    }
  }

  private async loop(everyMs: number): Promise<void> {
    const { signal } = this.over;
    while (!signal.aborted) {
      await this.clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      await this.run().catch((error: unknown) =>
        this.logger.warn('the log could not be looked after', { reason: messageOf(error) }),
      );
    }
  }

  /** One short transaction, by one bus at a time; whoever comes second leaves the topic to the first. */
  private async step(topicId: number, work: (client: pg.ClientBase) => Promise<void>): Promise<void> {
    try {
      await this.database.transaction(async (client) => {
        const key = `fanin.${this.database.schema}.maintain.${topicId}`;
        const lock = await client.query<{ mine: boolean }>(
          'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine',
          [key],
        );
        if (lock.rows[0]?.mine !== true) return;
        await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await work(client);
      });
    } catch (error) {
      // 55P03: the table is being read; the next round tries again.
      this.logger.debug('a topic is looked after later', { topicId, reason: messageOf(error) });
    }
  }

  private async stateOf(client: pg.ClientBase, topicId: number): Promise<TopicState | undefined> {
    const { schema } = this.database;
    const sql = `
      SELECT t.id, t.name, t.retention_ms, t.cleanup, s.first,
        (extract(epoch FROM clock_timestamp() - s.opened_at) * 1000)::bigint AS age_ms,
        pg_total_relation_size(format('${schema}.log_%s_%s', t.id, s.first)::regclass) AS bytes,
        NOT EXISTS (SELECT 1 FROM ${schema}.log l WHERE l.topic_id = $1 AND l.segment = s.first) AS empty
      FROM ${schema}.topic t JOIN ${schema}.segment s ON s.topic_id = t.id AND s.closed_at IS NULL
      WHERE t.id = $1`;
    return (await client.query<TopicState>(sql, [topicId])).rows[0];
  }

  private async roll(client: pg.ClientBase, topicId: number): Promise<void> {
    const { schema } = this.database;
    const state = await this.stateOf(client, topicId);
    if (state === undefined || state.empty) return;
    this.metrics.gauge('fanin_bus_segment_bytes', { topic: state.name }, Number(state.bytes));
    const retentionMs = Number(state.retention_ms);
    const dueMs =
      this.options.segmentMs ?? (retentionMs < 0 ? DAY_MS : Math.min(DAY_MS, Math.max(MINUTE_MS, retentionMs / 8)));
    if (Number(state.age_ms) < dueMs && Number(state.bytes) < (this.options.segmentBytes ?? 256 * 1024 * 1024)) return;
    await createSegment(client, schema, topicId, state.first + 1);
    // In the order in which appends take these locks. From here on every append goes to the new segment.
    await client.query(`SELECT 1 FROM ${schema}.partition WHERE topic_id = $1 ORDER BY partition FOR UPDATE`, [
      topicId,
    ]);
    await client.query(`UPDATE ${schema}.partition SET segment = $2 WHERE topic_id = $1`, [topicId, state.first + 1]);
    await client.query(
      `UPDATE ${schema}.segment SET closed_at = clock_timestamp() WHERE topic_id = $1 AND first = $2`,
      [topicId, state.first],
    );
  }

  private async dropOld(client: pg.ClientBase, topicId: number): Promise<void> {
    const { schema } = this.database;
    const sql = `
      SELECT s.first FROM ${schema}.segment s JOIN ${schema}.topic t ON t.id = s.topic_id
      WHERE s.topic_id = $1 AND t.retention_ms >= 0 AND t.cleanup IN ('delete', 'compact,delete')
        AND s.closed_at < clock_timestamp() - t.retention_ms * interval '1 millisecond'
      ORDER BY s.first`;
    for (const { first } of (await client.query<{ first: number }>(sql, [topicId])).rows) {
      await client.query(`DROP TABLE ${segmentTable(schema, topicId, first)}`);
      await client.query(`DELETE FROM ${schema}.segment WHERE topic_id = $1 AND first = $2`, [topicId, first]);
      this.logger.info('a segment past its retention was dropped', { topicId, segment: first });
    }
  }
}
