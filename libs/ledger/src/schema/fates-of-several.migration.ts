import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deliveries of several parts are few, and the only ones of which a part may be missing beside one that is there. */
export class FatesOfSeveral1795383000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX fates_of_several ON ledger.fates (delivery_id, parts) WHERE parts > 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ledger.fates_of_several');
  }
}
