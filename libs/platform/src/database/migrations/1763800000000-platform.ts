import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantPolicySql } from '../tenant-policy.js';

export class Platform1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE platform.api_keys (
        id text PRIMARY KEY,
        tenant text NOT NULL,
        hash bytea NOT NULL UNIQUE,
        scopes text[] NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz
      )`);
    await runner.query(tenantPolicySql('platform', 'api_keys'));
    await runner.query(`
      CREATE TABLE platform.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        service text NOT NULL,
        topic text NOT NULL,
        records bytea NOT NULL,
        record_count integer NOT NULL,
        failed text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
    await runner.query('CREATE INDEX outbox_by_service ON platform.outbox (service, id) WHERE failed IS NULL');
    await runner.query(`
      CREATE TABLE platform.raw_index (
        delivery_id text PRIMARY KEY,
        tenant text NOT NULL,
        segment text NOT NULL,
        start_byte bigint NOT NULL,
        end_byte bigint NOT NULL,
        content_type text NOT NULL,
        stored_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(tenantPolicySql('platform', 'raw_index'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE platform.raw_index, platform.outbox, platform.api_keys');
  }
}
