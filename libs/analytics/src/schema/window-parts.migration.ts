import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const PART_MS = 300_000;

/**
 * Windows were counted again from all that happened in them, so a busy day's cost more with every message. What happened in five
 * minutes is added up once; durations, of which windows have percentiles, keep an index of their own. Marks are rows that nobody
 * waits for, so they are not unique any more.
 */
export class WindowParts1795386600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE analytics.window_parts (
      tenant text NOT NULL, channel text NOT NULL, team_id text NOT NULL, priority text NOT NULL, part_at bigint NOT NULL,
      created_count bigint NOT NULL, inbound_count bigint NOT NULL, public_reply_count bigint NOT NULL,
      solved_count bigint NOT NULL, reopened_count bigint NOT NULL, closed_count bigint NOT NULL,
      late_dropped_count bigint NOT NULL, PRIMARY KEY (tenant, channel, team_id, priority, part_at))`);
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
    const counted = ['created', 'inbound', 'public_reply', 'solved', 'reopened', 'closed']
      .map((kind) => `count(*) FILTER (WHERE kind = '${kind}' AND NOT late)`)
      .join(', ');
    await runner.query(`INSERT INTO analytics.window_parts
      SELECT tenant, channel, team_id, priority, at - at % ${PART_MS}, ${counted}, count(*) FILTER (WHERE late)
      FROM analytics.happenings GROUP BY 1, 2, 3, 4, 5`);
    await runner.query(tenantPolicySql('analytics', 'window_parts'));
    await runner.query(`CREATE INDEX happenings_durations ON analytics.happenings (tenant, channel, team_id, priority, at)
      INCLUDE (kind, seconds, late) WHERE seconds IS NOT NULL`);
    await runner.query('ALTER TABLE analytics.dirty_windows DROP CONSTRAINT dirty_windows_pkey');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
    await runner.query(`CREATE TEMPORARY TABLE marks ON COMMIT DROP AS
      SELECT DISTINCT tenant, g.grain, window_start_at - window_start_at % g.ms AS window_start_at, channel, team_id, priority
      FROM analytics.dirty_windows d
      JOIN (VALUES ('hour', 3600000), ('day', 86400000)) AS g (grain, ms) ON d.grain IN ('part', g.grain)`);
    await runner.query('DELETE FROM analytics.dirty_windows');
    await runner.query(`ALTER TABLE analytics.dirty_windows
      ADD PRIMARY KEY (tenant, grain, window_start_at, channel, team_id, priority)`);
    await runner.query('INSERT INTO analytics.dirty_windows SELECT * FROM marks');
    await runner.query('DROP INDEX analytics.happenings_durations');
    await runner.query('DROP TABLE analytics.window_parts');
  }
}
