import { FaninError, noCrashPoints, type CrashPoints, type Logger } from '@fanin/kernel';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { DatabasePart } from './database.js';
import { migrationWatch } from './migration-watch.js';

/** Any fixed number; all versions of Fanin must agree on it. */
const MIGRATION_LOCK = 0x66616e696e;

export interface MigrateOptions {
  readonly url: string;
  /** In order of dependence. */
  readonly parts: readonly DatabasePart[];
  /** 'verify' changes nothing and throws CONFIG when something is not applied. */
  readonly mode: 'auto' | 'verify';
  /** Default none. */
  readonly crashPoints?: CrashPoints;
  readonly logger: Logger;
}

/**
 * Brings the schemas of all parts up to date, one process at a time (session advisory lock); each part keeps its own list
 * of applied migrations in `<schema>.migrations`.
 */
export async function migrateDatabase(options: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.url, application_name: 'fanin-migrations' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    for (const part of options.parts) await migratePart(client, part, options);
  } finally {
    await client.end();
  }
}

async function migratePart(client: pg.Client, part: DatabasePart, options: MigrateOptions): Promise<void> {
  if (options.mode === 'auto') await ensureSchema(client, part.schema);
  else await requireSchema(client, part.schema);
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    schema: part.schema,
    migrations: [...part.migrations],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    logger: migrationWatch(options.crashPoints ?? noCrashPoints),
    poolSize: 1,
  });
  await dataSource.initialize();
  try {
    if (options.mode === 'verify') {
      if (await dataSource.showMigrations()) throw behind(part.schema);
      return;
    }
    for (const migration of await dataSource.runMigrations()) {
      options.logger.info('migration applied', { schema: part.schema, migration: migration.name });
    }
  } finally {
    await dataSource.destroy();
  }
}

async function ensureSchema(client: pg.Client, schema: string): Promise<void> {
  // CREATE SCHEMA IF NOT EXISTS asks for the right to create even when the schema is there.
  if (await schemaExists(client, schema)) return;
  await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
}

async function requireSchema(client: pg.Client, schema: string): Promise<void> {
  const list = await client.query(`SELECT to_regclass($1) IS NOT NULL AS found`, [
    `${pg.escapeIdentifier(schema)}.migrations`,
  ]);
  if (list.rows[0]?.found !== true) throw behind(schema);
}

async function schemaExists(client: pg.Client, schema: string): Promise<boolean> {
  const found = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  return found.rowCount !== 0;
}

function behind(schema: string): FaninError {
  return new FaninError(
    'CONFIG',
    `The database schema "${schema}" is behind this version and database.migrate is "verify". ` +
      'Start one service with database.migrate: auto (or run the migration job) first.',
  );
}
