import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the providers of phone and social channels know of a conversation: amendments of messages, who may read them, how
 * long they may be answered, tasks. Columns are added with constant defaults and the check without a scan, so that
 * nothing rewrites a large table.
 */
const CHANGES = `
ALTER TABLE tickets.message_references DROP CONSTRAINT message_references_origin_check;
ALTER TABLE tickets.message_references ADD CONSTRAINT message_references_origin_check
  CHECK (origin IN ('seen', 'sent', 'referenced', 'awaited')) NOT VALID;
ALTER TABLE tickets.tickets ADD COLUMN visibility text COLLATE "C" CHECK (visibility IN ('public', 'private')),
  ADD COLUMN reply_windows json;
CREATE INDEX tickets_by_visibility ON tickets.tickets (tenant, visibility, updated_at DESC, id DESC) WHERE visibility IS NOT NULL;
ALTER TABLE tickets.messages ADD COLUMN amends_id text COLLATE "C", ADD COLUMN hidden boolean NOT NULL DEFAULT false;
CREATE INDEX messages_by_amended ON tickets.messages (amends_id) WHERE amends_id IS NOT NULL;
CREATE INDEX messages_written_here ON tickets.messages (tenant, account_id, received_at) WHERE direction = 'outbound';
CREATE TABLE tickets.tasks (
  id uuid PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  ticket_id uuid NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  due_at timestamptz,
  note text,
  created_at timestamptz NOT NULL,
  done_at timestamptz,
  done_by text
);
CREATE INDEX tasks_by_ticket ON tickets.tasks (ticket_id, created_at);
CREATE INDEX tasks_open ON tickets.tasks (tenant, ticket_id) WHERE done_at IS NULL;
CREATE TABLE tickets.echo_claims (
  tenant text COLLATE "C" NOT NULL,
  outbound_id text COLLATE "C" NOT NULL,
  provider_message_id text COLLATE "C" NOT NULL,
  message json NOT NULL,
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, outbound_id)
);
CREATE INDEX echo_claims_by_age ON tickets.echo_claims (claimed_at);
`;

const UNDO = `
DROP TABLE tickets.echo_claims;
DROP TABLE tickets.tasks;
DROP INDEX tickets.messages_written_here;
DROP INDEX tickets.messages_by_amended;
ALTER TABLE tickets.messages DROP COLUMN amends_id, DROP COLUMN hidden;
DROP INDEX tickets.tickets_by_visibility;
ALTER TABLE tickets.tickets DROP COLUMN visibility, DROP COLUMN reply_windows;
UPDATE tickets.message_references SET origin = 'referenced' WHERE origin = 'awaited';
ALTER TABLE tickets.message_references DROP CONSTRAINT message_references_origin_check;
ALTER TABLE tickets.message_references ADD CONSTRAINT message_references_origin_check CHECK (origin IN ('seen', 'sent', 'referenced'));
`;

export class ConversationRules1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
    for (const table of ['tasks', 'echo_claims']) await runner.query(tenantPolicySql('tickets', table));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(UNDO);
  }
}
