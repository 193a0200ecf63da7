import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { policyOnce } from './policy-once.migration.js';

const COPY = `
  INSERT INTO analytics.window_marks (tenant, grain, start_at, channel, team_id, priority)
  SELECT d.tenant, m.grain, d.window_start_at, d.channel, d.team_id, d.priority`;
/** An hour's minutes are not known, nor whether its backlog moved; what is marked of a day is marked of its hour, too. */
const MARKS = "(VALUES ('day', 'day'), ('hour', 'whole-hour'), ('hour', 'backlog')) AS m (of, grain)";

/**
 * Marks of what is to be counted again are rows without a key, which nobody waits for.
 *
 * The version before goes on marking `dirty_windows`, from which a trigger copies. It is made before anything is filled from
 * happenings, in a transaction of its own: it waits for batches that have marked already, and sees the marks of those that have not.
 */
export class WindowMarks1795386600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
    await runner.query(`CREATE TABLE analytics.window_marks (
      tenant text NOT NULL, grain text NOT NULL, start_at bigint NOT NULL, channel text NOT NULL, team_id text NOT NULL,
      priority text NOT NULL)`);
    await runner.query(`CREATE INDEX window_marks_by_time ON analytics.window_marks (start_at, grain, tenant, channel, team_id, priority)
      WHERE grain <> 'backlog'`);
    await runner.query(`CREATE INDEX window_marks_of_backlog ON analytics.window_marks (tenant, channel, team_id, priority, start_at)
      WHERE grain = 'backlog'`);
    await runner.query(tenantPolicySql('analytics', 'window_marks'));
    await runner.query(policyOnce('window_marks'));
    await runner.query(`CREATE FUNCTION analytics.copy_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      ${COPY} FROM (SELECT NEW.*) AS d JOIN ${MARKS} ON m.of = d.grain;
      RETURN NULL;
    END $$`);
    await runner.query(`CREATE TRIGGER copy_mark AFTER INSERT OR UPDATE ON analytics.dirty_windows
      FOR EACH ROW EXECUTE FUNCTION analytics.copy_mark()`);
    await runner.query(`${COPY} FROM analytics.dirty_windows d JOIN ${MARKS} ON m.of = d.grain`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("SELECT set_config('fanin.tenant', '*', true)");
    await runner.query('DROP TRIGGER copy_mark ON analytics.dirty_windows');
    await runner.query('DROP FUNCTION analytics.copy_mark()');
    await runner.query('LOCK TABLE analytics.window_marks');
    await runner.query(`INSERT INTO analytics.dirty_windows
      SELECT m.tenant, g.grain, m.start_at - m.start_at % g.ms, m.channel, m.team_id, m.priority
      FROM analytics.window_marks m
      JOIN (VALUES ('hour', 3600000), ('day', 86400000)) AS g (grain, ms) ON m.grain IN ('part', 'whole-hour', g.grain)
      UNION SELECT w.tenant, w.grain, w.window_start_at, w.channel, w.team_id, w.priority
      FROM analytics.window_marks m JOIN analytics.windows w USING (tenant, channel, team_id, priority)
      WHERE m.grain = 'backlog' AND w.window_end_at > m.start_at ON CONFLICT DO NOTHING`);
    await runner.query('DROP TABLE analytics.window_marks');
  }
}
