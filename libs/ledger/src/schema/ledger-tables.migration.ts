import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LedgerTables1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE ledger.deliveries (
      delivery_id text PRIMARY KEY, tenant text NOT NULL, account_id text NOT NULL, channel text NOT NULL, channel_slug text NOT NULL,
      content_type text NOT NULL, body_size bigint NOT NULL, body_sha256 text NOT NULL, received_at timestamptz NOT NULL)`);
    await runner.query(
      'CREATE INDEX deliveries_by_time ON ledger.deliveries (tenant, received_at DESC, delivery_id DESC)',
    );
    await runner.query(`CREATE TABLE ledger.fates (
      delivery_id text NOT NULL, part integer NOT NULL, parts integer NOT NULL, tenant text NOT NULL, account_id text NOT NULL,
      channel text NOT NULL, fate text NOT NULL, rule text, evidence text, message_id text, ticket_id text, decided_at timestamptz NOT NULL,
      PRIMARY KEY (delivery_id, part))`);
    await runner.query('CREATE INDEX fates_by_fate ON ledger.fates (tenant, fate, rule, decided_at DESC)');
    for (const table of ['deliveries', 'fates']) await runner.query(tenantPolicySql('ledger', table));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ledger.fates, ledger.deliveries');
  }
}
