import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the log refused for good is counted every few seconds; without this the whole outbox is read for it. */
export class OutboxRefused1795366800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX outbox_refused ON platform.outbox (service) WHERE failed IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX platform.outbox_refused');
  }
}
