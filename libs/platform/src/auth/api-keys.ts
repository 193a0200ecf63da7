import { createHash, randomBytes } from 'node:crypto';
import { uuidv7, type Clock } from '@fanin/kernel';
import type { Database } from '../database/database.js';
import { SCOPES, type Principal, type Scope } from './principal.js';

export interface NewApiKey {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly name: string;
  /** ISO 8601; never when absent. */
  readonly expiresAt?: string;
}

export interface ApiKeyRow {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly name: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

/** API keys: only their SHA-256 is kept (a key is 256 random bits, so a slow hash adds nothing). */
export interface ApiKeys {
  /** The key itself is returned here and never again. */
  create(key: NewApiKey): Promise<{ readonly id: string; readonly key: string }>;
  /** null for a key that is unknown, revoked or expired. TRANSIENT when the database is away. */
  verify(key: string): Promise<Principal | null>;
  /** False when there was no such key in use. Takes effect at once. */
  revoke(id: string): Promise<boolean>;
  list(tenant: string): Promise<readonly ApiKeyRow[]>;
}

const PREFIX = 'fanin_';

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

export function createApiKeys(database: Database, clock: Clock): ApiKeys {
  return {
    async create({ tenant, scopes, name, expiresAt }) {
      const id = uuidv7(clock.now());
      const key = PREFIX + randomBytes(32).toString('base64url');
      await database.transaction(tenant, (client) =>
        client.query(
          'INSERT INTO platform.api_keys (id, tenant, hash, scopes, name, expires_at) VALUES ($1, $2, $3, $4, $5, $6)',
          [id, tenant, hashOf(key), [...scopes], name, expiresAt ?? null],
        ),
      );
      return { id, key };
    },

    async verify(key) {
      if (!key.startsWith(PREFIX) || key.length > 200) return null;
      const found = await database.transaction('*', (client) =>
        client.query<{ id: string; tenant: string; scopes: string[]; name: string }>(
          `SELECT id, tenant, scopes, name FROM platform.api_keys
           WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > to_timestamp($2 / 1000.0))`,
          [hashOf(key), clock.now()],
        ),
      );
      const row = found.rows[0];
      if (row === undefined) return null;
      const scopes = new Set(SCOPES.filter((scope) => row.scopes.includes(scope)));
      return { kind: 'key', id: row.id, name: row.name, tenant: row.tenant, scopes };
    },

    async revoke(id) {
      const done = await database.transaction('*', (client) =>
        client.query('UPDATE platform.api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL', [id]),
      );
      return done.rowCount === 1;
    },

    async list(tenant) {
      const found = await database.transaction(tenant, (client) =>
        client.query<ApiKeyRow>(
          'SELECT id, tenant, scopes, name, created_at, expires_at, revoked_at FROM platform.api_keys ORDER BY created_at, id',
        ),
      );
      return found.rows;
    },
  };
}

/** Injection token of the keys. */
export const API_KEYS = Symbol('ApiKeys');
