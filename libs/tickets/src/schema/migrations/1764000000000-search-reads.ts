import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * PostgreSQL puts an operator that is not leakproof behind the row-level policy, and the text match is none: under the policy
 * the index of words was never used, and a search read every row. So the words themselves are readable in every
 * transaction, and what a search gives is guarded where it joins the tickets, whose policy stays. Writing is guarded as before.
 */
const READ_BY_WORDS = `
DROP POLICY tenant_isolation ON tickets.message_search;
CREATE POLICY tenant_isolation ON tickets.message_search
  USING (true) WITH CHECK (current_setting('fanin.tenant', true) IN (tenant, '*'));
`;

const UNDO = `
DROP POLICY tenant_isolation ON tickets.message_search;
CREATE POLICY tenant_isolation ON tickets.message_search
  USING (current_setting('fanin.tenant', true) IN (tenant, '*')) WITH CHECK (current_setting('fanin.tenant', true) IN (tenant, '*'));
`;

export class SearchReads1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(READ_BY_WORDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(UNDO);
  }
}
