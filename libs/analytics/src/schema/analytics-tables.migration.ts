import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every table is seen only with `fanin.tenant` set to the row's tenant, or to '*' by the service's own consumers. */
const TABLES = ['ticket_facts', 'ticket_memory', 'happenings', 'backlog_hours', 'dirty_windows', 'windows'];

export class AnalyticsTables1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await this.createRows(runner);
    await this.createWorkings(runner);
    for (const table of TABLES) await runner.query(tenantPolicySql('analytics', table));
    await this.createViews(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA IF EXISTS bi CASCADE');
    for (const table of TABLES) await runner.query(`DROP TABLE analytics.${table}`);
  }

  /** The published rows, column for column as in the contracts (analytics-tables.spec.ts holds them together). */
  private async createRows(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE analytics.ticket_facts (
        row_id text NOT NULL,
        record_version bigint NOT NULL,
        is_deleted boolean NOT NULL,
        definition_version bigint NOT NULL,
        computed_at bigint NOT NULL,
        tenant text NOT NULL,
        calendar_id text,
        calendar_version bigint,
        ticket_id text NOT NULL PRIMARY KEY,
        ticket_number bigint NOT NULL,
        channel text NOT NULL,
        account_id text NOT NULL,
        team_id text,
        priority text NOT NULL,
        status text NOT NULL,
        assignee_id text,
        customer_id text NOT NULL,
        created_at bigint NOT NULL,
        event_time_iso text NOT NULL,
        report_date text NOT NULL,
        first_inbound_at bigint,
        first_reply_at bigint,
        first_auto_reply_at bigint,
        first_solved_at bigint,
        last_solved_at bigint,
        closed_at bigint,
        last_event_at bigint,
        first_reply_seconds bigint,
        first_reply_business_seconds bigint,
        first_resolution_seconds bigint,
        first_resolution_business_seconds bigint,
        full_resolution_seconds bigint,
        full_resolution_business_seconds bigint,
        next_reply_seconds_sum bigint,
        next_reply_seconds_max bigint,
        requester_wait_seconds bigint,
        agent_wait_seconds bigint,
        on_hold_seconds bigint,
        inbound_count bigint NOT NULL,
        public_reply_count bigint NOT NULL,
        next_reply_count bigint NOT NULL,
        internal_note_count bigint NOT NULL,
        reopen_count bigint NOT NULL,
        transfer_count bigint NOT NULL,
        assignee_station_count bigint NOT NULL,
        is_one_touch boolean NOT NULL,
        is_agent_initiated boolean NOT NULL,
        follow_up_of text,
    )`.replace(/,(\s*\))$/, '$1'),
    );
    await runner.query(
      'CREATE INDEX ticket_facts_by_created ON analytics.ticket_facts (tenant, created_at DESC, ticket_id)',
    );
    await runner.query(
      `CREATE TABLE analytics.windows (
        row_id text NOT NULL PRIMARY KEY,
        record_version bigint NOT NULL,
        is_deleted boolean NOT NULL,
        definition_version bigint NOT NULL,
        computed_at bigint NOT NULL,
        tenant text NOT NULL,
        calendar_id text,
        calendar_version bigint,
        grain text NOT NULL,
        window_start_at bigint NOT NULL,
        window_end_at bigint NOT NULL,
        event_time_iso text NOT NULL,
        report_date text NOT NULL,
        channel text NOT NULL,
        team_id text NOT NULL,
        priority text NOT NULL,
        created_count bigint NOT NULL,
        inbound_count bigint NOT NULL,
        public_reply_count bigint NOT NULL,
        solved_count bigint NOT NULL,
        reopened_count bigint NOT NULL,
        closed_count bigint NOT NULL,
        backlog_count bigint NOT NULL,
        is_final boolean NOT NULL,
        late_dropped_count bigint NOT NULL,
        first_reply_count bigint NOT NULL,
        first_reply_seconds_sum bigint,
        first_reply_seconds_min bigint,
        first_reply_seconds_max bigint,
        first_reply_seconds_p50 bigint,
        first_reply_seconds_p90 bigint,
        first_reply_le_60 bigint NOT NULL,
        first_reply_le_300 bigint NOT NULL,
        first_reply_le_900 bigint NOT NULL,
        first_reply_le_3600 bigint NOT NULL,
        first_reply_le_14400 bigint NOT NULL,
        first_reply_le_28800 bigint NOT NULL,
        first_reply_le_86400 bigint NOT NULL,
        first_reply_le_259200 bigint NOT NULL,
        next_reply_count bigint NOT NULL,
        next_reply_seconds_sum bigint,
        next_reply_seconds_min bigint,
        next_reply_seconds_max bigint,
        next_reply_seconds_p50 bigint,
        next_reply_seconds_p90 bigint,
        next_reply_le_60 bigint NOT NULL,
        next_reply_le_300 bigint NOT NULL,
        next_reply_le_900 bigint NOT NULL,
        next_reply_le_3600 bigint NOT NULL,
        next_reply_le_14400 bigint NOT NULL,
        next_reply_le_28800 bigint NOT NULL,
        next_reply_le_86400 bigint NOT NULL,
        next_reply_le_259200 bigint NOT NULL,
        first_resolution_count bigint NOT NULL,
        first_resolution_seconds_sum bigint,
        first_resolution_seconds_min bigint,
        first_resolution_seconds_max bigint,
        first_resolution_seconds_p50 bigint,
        first_resolution_seconds_p90 bigint,
        first_resolution_le_60 bigint NOT NULL,
        first_resolution_le_300 bigint NOT NULL,
        first_resolution_le_900 bigint NOT NULL,
        first_resolution_le_3600 bigint NOT NULL,
        first_resolution_le_14400 bigint NOT NULL,
        first_resolution_le_28800 bigint NOT NULL,
        first_resolution_le_86400 bigint NOT NULL,
        first_resolution_le_259200 bigint NOT NULL,
        full_resolution_count bigint NOT NULL,
        full_resolution_seconds_sum bigint,
        full_resolution_seconds_min bigint,
        full_resolution_seconds_max bigint,
        full_resolution_seconds_p50 bigint,
        full_resolution_seconds_p90 bigint,
        full_resolution_le_60 bigint NOT NULL,
        full_resolution_le_300 bigint NOT NULL,
        full_resolution_le_900 bigint NOT NULL,
        full_resolution_le_3600 bigint NOT NULL,
        full_resolution_le_14400 bigint NOT NULL,
        full_resolution_le_28800 bigint NOT NULL,
        full_resolution_le_86400 bigint NOT NULL,
        full_resolution_le_259200 bigint NOT NULL,
    )`.replace(/,(\s*\))$/, '$1'),
    );
    await runner.query(
      'CREATE INDEX windows_by_time ON analytics.windows (tenant, grain, window_start_at DESC, row_id)',
    );
    await runner.query('CREATE INDEX windows_not_final ON analytics.windows (window_end_at) WHERE NOT is_final');
  }

  /** What the rows are computed from, and what is to be computed again. */
  private async createWorkings(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE analytics.ticket_memory (
      ticket_id text NOT NULL PRIMARY KEY, tenant text NOT NULL, seq bigint NOT NULL, memory jsonb NOT NULL)`);
    await runner.query(`CREATE TABLE analytics.happenings (
      tenant text NOT NULL, ticket_id text NOT NULL, seq bigint NOT NULL, kind text NOT NULL, at bigint NOT NULL,
      channel text NOT NULL, team_id text NOT NULL, priority text NOT NULL, seconds bigint, late boolean NOT NULL,
      PRIMARY KEY (ticket_id, seq, kind))`);
    await runner.query(
      'CREATE INDEX happenings_by_slice ON analytics.happenings (tenant, channel, team_id, priority, at)',
    );
    await runner.query('CREATE INDEX happenings_by_time ON analytics.happenings (tenant, at)');
    await runner.query(`CREATE TABLE analytics.backlog_hours (
      tenant text NOT NULL, channel text NOT NULL, team_id text NOT NULL, priority text NOT NULL, hour_at bigint NOT NULL,
      delta bigint NOT NULL, PRIMARY KEY (tenant, channel, team_id, priority, hour_at))`);
    await runner.query(`CREATE TABLE analytics.dirty_windows (
      tenant text NOT NULL, grain text NOT NULL, window_start_at bigint NOT NULL, channel text NOT NULL, team_id text NOT NULL,
      priority text NOT NULL, PRIMARY KEY (tenant, grain, window_start_at, channel, team_id, priority))`);
  }

  /** What BI tools are pointed at; they obey the same row-level security as the tables (security_invoker). */
  private async createViews(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS bi');
    const instants = [
      'created_at',
      'first_inbound_at',
      'first_reply_at',
      'first_auto_reply_at',
      'first_solved_at',
      'last_solved_at',
      'closed_at',
      'last_event_at',
      'computed_at',
    ];
    const times = instants
      .map((name) => `to_timestamp(${name} / 1000.0) AS ${name.replace(/_at$/, '_time')}`)
      .join(', ');
    await runner.query(`CREATE VIEW bi.ticket_facts WITH (security_invoker = true) AS
      SELECT *, ${times} FROM analytics.ticket_facts WHERE NOT is_deleted`);
    await runner.query(`CREATE VIEW bi.windows WITH (security_invoker = true) AS
      SELECT *, to_timestamp(window_start_at / 1000.0) AS window_start_time, to_timestamp(window_end_at / 1000.0) AS window_end_time
      FROM analytics.windows WHERE NOT is_deleted`);
  }
}
