import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantPolicySql } from '../../database/tenant-policy.js';

/** What the providers of phone and social channels need: receipts by their ids, media, consents, sealed tokens, second looks. */
export class ChannelsProviders1763800200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [ACCOUNTS, OUTBOUND, NEWS, MEDIA, CONSENTS, SEALED]) await runner.query(sql);
    for (const table of ['receipt_news', 'media', 'consents', 'sealed'])
      await runner.query(tenantPolicySql('channels', table));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE channels.sealed, channels.consents, channels.media, channels.receipt_news');
    await runner.query(`
      DROP INDEX channels.outbound_by_provider_id, channels.outbound_by_sent, channels.outbound_ended;
      ALTER TABLE channels.outbound DROP COLUMN provider_message_id, DROP COLUMN sent_at, DROP COLUMN first_attempt_at,
        DROP COLUMN attempt_at, DROP COLUMN uncertain;
      ALTER TABLE channels.accounts DROP COLUMN hooks, DROP COLUMN recheck_at`);
  }
}

const ACCOUNTS = `
  ALTER TABLE channels.accounts
    ADD COLUMN hooks jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN recheck_at timestamptz`;

/**
 * `uncertain`: an attempt may have gone out, the provider is asked before the next. `sent_at` is when the attempt that went
 * out began, which is never later than the provider's own time of it. Provider ids and conversation keys may be longer
 * than an index row takes, so they are found by their hash.
 */
const OUTBOUND = `
  ALTER TABLE channels.outbound
    ADD COLUMN provider_message_id text,
    ADD COLUMN sent_at timestamptz,
    ADD COLUMN first_attempt_at timestamptz,
    ADD COLUMN attempt_at timestamptz,
    ADD COLUMN uncertain boolean NOT NULL DEFAULT false;
  CREATE INDEX outbound_by_provider_id ON channels.outbound (account_id, md5(provider_message_id))
    WHERE provider_message_id IS NOT NULL;
  CREATE INDEX outbound_by_sent ON channels.outbound (account_id, md5(conversation), sent_at) WHERE sent_at IS NOT NULL;
  CREATE INDEX outbound_ended ON channels.outbound (updated_at) WHERE state = 'done'`;

/**
 * News about replies that nobody could match yet (by provider id), and how far a conversation was delivered and read
 * (by watermark; one row per status, the furthest).
 */
const NEWS = `
  CREATE TABLE channels.receipt_news (
    tenant text NOT NULL,
    account_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('provider_id', 'watermark')),
    subject text NOT NULL,
    status text NOT NULL,
    up_to timestamptz,
    code text,
    reason text,
    at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, kind, subject, status)
  );
  CREATE INDEX receipt_news_by_age ON channels.receipt_news (created_at)`;

/** Attachments that the provider keeps and that were not there in time. `failure`: gone for good, to be told. */
const MEDIA = `
  CREATE TABLE channels.media (
    media_id text PRIMARY KEY,
    tenant text NOT NULL,
    account_id text NOT NULL,
    channel_slug text NOT NULL,
    remote jsonb NOT NULL,
    target jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'fetching', 'done')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    held_until timestamptz,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX media_open ON channels.media (account_id, next_attempt_at) WHERE state <> 'done';
  CREATE INDEX media_by_age ON channels.media (created_at)`;

const CONSENTS = `
  CREATE TABLE channels.consents (
    account_id text NOT NULL,
    conversation_hash text NOT NULL,
    tenant text NOT NULL,
    state text NOT NULL CHECK (state IN ('opted_out', 'opted_in')),
    evidence text NOT NULL,
    at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, conversation_hash)
  )`;

/** `content` is AES-256-GCM under a key of the installation; NULL while the first change is being made. */
const SEALED = `
  CREATE TABLE channels.sealed (
    account_id text NOT NULL,
    name text NOT NULL,
    tenant text NOT NULL,
    content text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, name)
  )`;
