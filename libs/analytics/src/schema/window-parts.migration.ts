import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { policyOnce } from './policy-once.migration.js';

const PART_MS = 300_000;

/**
 * Windows were counted again from all that happened in them, so a busy day's cost more with every message. What happens in five
 * minutes is added up once; durations, of which windows have percentiles, have an index of their own.
 */
export class WindowParts1795386700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
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
    await runner.query(tenantPolicySql('analytics', 'window_parts'));
    await runner.query(policyOnce('window_parts'));
    await runner.query(`CREATE INDEX happenings_durations ON analytics.happenings (tenant, channel, team_id, priority, at)
      INCLUDE (kind, seconds, late) WHERE seconds IS NOT NULL`);
    await runner.query(
      'CREATE INDEX windows_by_slice ON analytics.windows (tenant, channel, team_id, priority, grain, window_start_at)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX analytics.happenings_durations, analytics.windows_by_slice');
    await runner.query('DROP TABLE analytics.window_parts');
  }
}
