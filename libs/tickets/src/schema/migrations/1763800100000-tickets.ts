import { tenantPolicySql } from '@fanin/platform';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keys are compared byte by byte (COLLATE "C"): nobody sorts them for people, and it costs a fraction. There are no foreign
 * keys on the hot tables: every id in them is made in the transaction that writes both rows.
 */
const TABLES = `
CREATE TABLE tickets.customers (
  id uuid PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  name text,
  created_at timestamptz NOT NULL
);
CREATE TABLE tickets.identities (
  tenant text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  customer_id uuid NOT NULL,
  name text,
  PRIMARY KEY (tenant, kind, id)
);
CREATE TABLE tickets.conversations (
  tenant text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  key_hash uuid NOT NULL,
  ticket_id uuid NOT NULL,
  PRIMARY KEY (tenant, account_id, key_hash)
);
CREATE TABLE tickets.message_references (
  tenant text COLLATE "C" NOT NULL,
  ref_hash uuid NOT NULL,
  ticket_id uuid NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  origin text COLLATE "C" NOT NULL CHECK (origin IN ('seen', 'sent', 'referenced')),
  PRIMARY KEY (tenant, ref_hash)
);
CREATE TABLE tickets.ticket_counters (
  tenant text COLLATE "C" PRIMARY KEY,
  last_number bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE tickets.tickets (
  id uuid PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  subject text,
  status text COLLATE "C" NOT NULL CHECK (status IN ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')),
  priority text COLLATE "C" NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  channel text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  tags text[] NOT NULL,
  team_id text COLLATE "C",
  assignee_id text COLLATE "C",
  customer_id uuid NOT NULL,
  participants text[] NOT NULL,
  follow_up_of uuid,
  followed_up_by uuid,
  last_seq int NOT NULL CHECK (last_seq >= 1),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  first_replied_at timestamptz,
  solved_at timestamptz,
  closed_at timestamptz,
  UNIQUE (tenant, number)
) WITH (fillfactor = 85);
CREATE INDEX tickets_by_update ON tickets.tickets (tenant, updated_at DESC, id DESC);
CREATE INDEX tickets_by_status ON tickets.tickets (tenant, status, updated_at DESC, id DESC) WHERE status NOT IN ('new', 'closed');
CREATE INDEX tickets_by_team ON tickets.tickets (tenant, team_id, updated_at DESC, id DESC) WHERE team_id IS NOT NULL;
CREATE INDEX tickets_by_assignee ON tickets.tickets (tenant, assignee_id, updated_at DESC, id DESC) WHERE assignee_id IS NOT NULL;
CREATE TABLE tickets.messages (
  id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  ticket_id uuid NOT NULL,
  seq int NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  provider_message_id text COLLATE "C",
  part int NOT NULL,
  delivery_id text COLLATE "C",
  conversation_key text COLLATE "C" NOT NULL,
  direction text COLLATE "C" NOT NULL CHECK (direction IN ('inbound', 'outbound')),
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('public', 'note', 'event')),
  channel text COLLATE "C" NOT NULL,
  channel_slug text COLLATE "C" NOT NULL,
  subject text,
  text text NOT NULL,
  html text,
  quoted_text text,
  details json NOT NULL,
  provider_time timestamptz,
  received_at timestamptz NOT NULL,
  delivery json
);
CREATE INDEX messages_by_ticket ON tickets.messages (ticket_id, seq);
CREATE TABLE tickets.message_search (
  message_id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  ticket_id uuid NOT NULL,
  document tsvector NOT NULL
);
CREATE INDEX message_search_words ON tickets.message_search USING gin (document);
CREATE TABLE tickets.search_queue (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  message_ids text[] NOT NULL
);
CREATE TABLE tickets.idempotency_keys (
  tenant text COLLATE "C" NOT NULL,
  principal_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  request_hash text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, principal_id, key)
);
CREATE INDEX idempotency_keys_by_age ON tickets.idempotency_keys (created_at);
`;

const TENANT_TABLES = [
  'customers',
  'identities',
  'conversations',
  'message_references',
  'ticket_counters',
  'tickets',
  'messages',
  'message_search',
  'search_queue',
  'idempotency_keys',
];

export class Tickets1763800100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of TENANT_TABLES) await runner.query(tenantPolicySql('tickets', table));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...TENANT_TABLES].reverse()) await runner.query(`DROP TABLE tickets.${table}`);
  }
}
