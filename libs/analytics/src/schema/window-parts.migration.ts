import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { policyOnce } from './policy-once.migration.js';

const PART_MS = 300_000;
const TABLES = ['window_parts', 'window_marks'];

/** What the version before marks: a whole window, of which nobody knows the minutes. */
const MARKS_OF_A_WINDOW = (row: string): string => `
  SELECT ${row}.tenant, 'part', part_at, ${row}.channel, ${row}.team_id, ${row}.priority FROM generate_series(${row}.window_start_at,
    ${row}.window_start_at + CASE ${row}.grain WHEN 'hour' THEN 3600000 ELSE 86400000 END - ${PART_MS}, ${PART_MS}) AS part_at`;

/**
 * Windows were counted again from all that happened in them, so a busy day's cost more with every message. What happens in five
 * minutes is added up once; durations, of which windows have percentiles, have an index of their own. Marks are rows without a
 * key, which nobody waits for.
 *
 * The version before goes on marking `dirty_windows`; a trigger copies its marks. It comes before the parts are filled: it waits for
 * batches that have marked already, and sees the marks of those that have not.
 */
export class WindowParts1795386600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
    await runner.query(`CREATE TABLE analytics.window_marks (
      tenant text NOT NULL, grain text NOT NULL, start_at bigint NOT NULL, channel text NOT NULL, team_id text NOT NULL,
      priority text NOT NULL)`);
    await runner.query(
      'CREATE INDEX window_marks_by_time ON analytics.window_marks (start_at, grain, tenant, channel, team_id, priority)',
    );
    await runner.query(`CREATE FUNCTION analytics.copy_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO analytics.window_marks ${MARKS_OF_A_WINDOW('NEW')};
      RETURN NULL;
    END $$`);
    await runner.query(`CREATE TRIGGER copy_mark AFTER INSERT OR UPDATE ON analytics.dirty_windows
      FOR EACH ROW EXECUTE FUNCTION analytics.copy_mark()`);
    await runner.query(`INSERT INTO analytics.window_marks
      SELECT m.* FROM analytics.dirty_windows d CROSS JOIN LATERAL (${MARKS_OF_A_WINDOW('d')}) m`);
    await this.createParts(runner);
    await runner.query(`CREATE INDEX happenings_durations ON analytics.happenings (tenant, channel, team_id, priority, at)
      INCLUDE (kind, seconds, late) WHERE seconds IS NOT NULL`);
    await runner.query(
      'CREATE INDEX windows_by_slice ON analytics.windows (tenant, channel, team_id, priority, grain, window_start_at)',
    );
    for (const table of TABLES) {
      await runner.query(tenantPolicySql('analytics', table));
      await runner.query(policyOnce(table));
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
    await runner.query('DROP TRIGGER copy_mark ON analytics.dirty_windows');
    await runner.query('DROP FUNCTION analytics.copy_mark()');
    await runner.query(`INSERT INTO analytics.dirty_windows
      SELECT DISTINCT m.tenant, g.grain, m.start_at - m.start_at % g.ms, m.channel, m.team_id, m.priority
      FROM analytics.window_marks m JOIN (VALUES ('hour', 3600000), ('day', 86400000)) AS g (grain, ms) ON m.grain IN ('part', g.grain)
      ON CONFLICT DO NOTHING`);
    await runner.query('DROP INDEX analytics.happenings_durations, analytics.windows_by_slice');
    for (const table of TABLES) await runner.query(`DROP TABLE analytics.${table}`);
  }

  private async createParts(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE analytics.window_parts (
      tenant text NOT NULL, channel text NOT NULL, team_id text NOT NULL, priority text NOT NULL, part_at bigint NOT NULL,
      created_count bigint NOT NULL, inbound_count bigint NOT NULL, public_reply_count bigint NOT NULL,
      solved_count bigint NOT NULL, reopened_count bigint NOT NULL, closed_count bigint NOT NULL,
      late_dropped_count bigint NOT NULL, PRIMARY KEY (tenant, channel, team_id, priority, part_at))`);
    const counted = ['created', 'inbound', 'public_reply', 'solved', 'reopened', 'closed']
      .map((kind) => `count(*) FILTER (WHERE kind = '${kind}' AND NOT late)`)
      .join(', ');
    await runner.query(`INSERT INTO analytics.window_parts
      SELECT tenant, channel, team_id, priority, at - at % ${PART_MS}, ${counted}, count(*) FILTER (WHERE late)
      FROM analytics.happenings GROUP BY 1, 2, 3, 4, 5`);
  }
}
