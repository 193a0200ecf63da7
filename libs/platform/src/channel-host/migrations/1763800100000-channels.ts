import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantPolicySql } from '../../database/tenant-policy.js';

export class Channels1763800100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ACCOUNTS);
    await runner.query(OUTBOUND);
    for (const table of ['accounts', 'leases', 'checkpoints', 'outbound'])
      await runner.query(tenantPolicySql('channels', table));
    await runner.query(CONVERSATIONS);
    await runner.query(APPEND_ENTRY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION channels.append_entry');
    await runner.query(
      'DROP TABLE channels.entries, channels.conversations, channels.outbound, channels.checkpoints, channels.leases, channels.accounts',
    );
  }
}

/** `fence` grows by one with every new holder of a lease; a checkpoint remembers the fence it was written under. */
const ACCOUNTS = `
  CREATE TABLE channels.accounts (
    account_id text PRIMARY KEY,
    tenant text NOT NULL,
    channel text NOT NULL,
    channel_slug text NOT NULL,
    title text NOT NULL,
    hook_urls text[] NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL,
    code text,
    reason text,
    next_attempt_at timestamptz,
    action text,
    notices jsonb NOT NULL DEFAULT '[]',
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE channels.leases (
    account_id text PRIMARY KEY,
    tenant text NOT NULL,
    holder text NOT NULL,
    fence bigint NOT NULL,
    expires_at timestamptz NOT NULL
  );
  CREATE TABLE channels.checkpoints (
    account_id text PRIMARY KEY,
    tenant text NOT NULL,
    cursor text NOT NULL,
    fence bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
  )`;

/** One row per reply: waiting → sending → done. `position` keeps the order of a conversation. */
const OUTBOUND = `
  CREATE TABLE channels.outbound (
    outbound_id text PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant text NOT NULL,
    account_id text NOT NULL,
    channel_slug text NOT NULL,
    conversation text NOT NULL,
    message jsonb,
    state text NOT NULL CHECK (state IN ('waiting', 'sending', 'done')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    held_until timestamptz,
    outcome text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX outbound_open ON channels.outbound (channel_slug, position) WHERE state <> 'done';
  CREATE INDEX outbound_conversation ON channels.outbound (conversation, position) WHERE state <> 'done'`;

/** Conversation ids are made by channels and hold the tenant's account; nothing here is read through the API. */
const CONVERSATIONS = `
  CREATE TABLE channels.conversations (
    conversation_id text PRIMARY KEY,
    last_seq bigint NOT NULL
  );
  CREATE TABLE channels.entries (
    conversation_id text NOT NULL,
    seq bigint NOT NULL,
    direction text NOT NULL,
    entry_id text NOT NULL,
    payload text NOT NULL CHECK (octet_length(payload) <= 65536),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (conversation_id, entry_id)
  );
  CREATE INDEX entries_by_xact ON channels.entries (xact)`;

/** The row lock of the conversation makes seq gap-free: whoever rolls back gives its number back before the next may take it. */
const APPEND_ENTRY = `
  CREATE FUNCTION channels.append_entry(
    in_conversation text, in_direction text, in_entry text, in_payload text,
    OUT seq bigint, OUT direction text, OUT payload text, OUT at timestamptz, OUT duplicate boolean
  ) LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO channels.conversations AS c (conversation_id, last_seq) VALUES (in_conversation, 0)
      ON CONFLICT (conversation_id) DO NOTHING;
    SELECT c.last_seq + 1 INTO append_entry.seq FROM channels.conversations c
      WHERE c.conversation_id = in_conversation FOR UPDATE;
    INSERT INTO channels.entries AS e (conversation_id, seq, direction, entry_id, payload)
      VALUES (in_conversation, append_entry.seq, in_direction, in_entry, in_payload)
      ON CONFLICT (conversation_id, entry_id) DO NOTHING
      RETURNING e.direction, e.payload, e.at INTO append_entry.direction, append_entry.payload, append_entry.at;
    IF FOUND THEN
      UPDATE channels.conversations c SET last_seq = append_entry.seq WHERE c.conversation_id = in_conversation;
      PERFORM pg_notify('fanin_conversations', append_entry.seq || ':' || in_conversation);
      duplicate := false;
    ELSE
      SELECT e.seq, e.direction, e.payload, e.at INTO append_entry.seq, append_entry.direction, append_entry.payload, append_entry.at
        FROM channels.entries e WHERE e.conversation_id = in_conversation AND e.entry_id = in_entry;
      duplicate := true;
    END IF;
  END $$`;
