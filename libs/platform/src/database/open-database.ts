import { FaninError, type Clock, type CrashPoints, type Logger } from '@fanin/kernel';
import pg from 'pg';
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import type { Database, DatabasePart } from './database.js';
import { asDatabaseError, isStalePlan, mayRunAgain } from './database-error.js';
import { migrateDatabase } from './migrate.js';
import { together } from './together.js';

const MAX_ATTEMPTS = 5;

export interface OpenDatabaseOptions {
  readonly url: string;
  /** Connections for `transaction` and `pool` (default 10); entities get at most 4 more of their own. */
  readonly poolSize?: number;
  /** Default 'auto'. */
  readonly migrate?: 'auto' | 'verify';
  readonly parts: readonly DatabasePart[];
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** A statement that takes longer is cancelled (default 60 s). */
  readonly statementTimeoutMs?: number;
  readonly clock: Clock;
  /** Default none. */
  readonly crashPoints?: CrashPoints;
  readonly logger: Logger;
}

/**
 * Connects, checks the role, migrates. Throws FaninError CONFIG for a role that row-level security does not bind and for
 * schemas that are behind in verify mode, TRANSIENT when the server cannot be reached.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  try {
    await refuseUnboundRole(options.url);
    await migrateDatabase({ ...options, mode: options.migrate ?? 'auto' });
  } catch (error) {
    throw asDatabaseError(error);
  }
  const pool = createPool(options);
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.parts.flatMap((part) => [...part.entities]),
    installExtensions: false,
    poolSize: Math.min(4, options.poolSize ?? 10),
    applicationName: `${options.applicationName ?? 'fanin'}-entities`,
    poolErrorHandler: () => undefined,
  });
  await dataSource.initialize();
  return createDatabase(pool, dataSource, options);
}

function createPool(options: OpenDatabaseOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 60_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // A statement may be sent before the one in front of it is answered: see `together`.
    pipeline: true,
    application_name: options.applicationName ?? 'fanin',
    statement_timeout: statementTimeoutMs,
    // The server's own timeout does not help when the server is paused or the network is cut. Of statements that leave together
    // it counts for all in front of one, too.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: statementTimeoutMs,
  });
  // At the end the server may go before the last connection has said goodbye.
  pool.on('error', (error) => {
    if (!pool.ending) options.logger.warn('an idle database connection was lost', { error });
  });
  // A connection that breaks while it is lent out emits too; its query rejects, so there is nothing else to do.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function createDatabase(pool: pg.Pool, dataSource: DataSource, { clock, logger }: OpenDatabaseOptions): Database {
  let closing: Promise<void> | undefined;

  async function patiently<T>(once: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once();
      } catch (error) {
        if (!mayRunAgain(error) || attempt >= MAX_ATTEMPTS) throw asDatabaseError(error);
        logger.debug('transaction runs again', { attempt, error });
        await clock.sleep(2 ** attempt * 5 * (0.5 + Math.random()));
      }
    }
  }

  const transaction: Database['transaction'] = (tenant, work) => patiently(() => inTransaction(pool, tenant, work));
  const statement: Database['statement'] = (tenant, text, values = []) =>
    patiently(() => alone(pool, tenant, { ...(typeof text === 'string' ? { text } : text), values: [...values] }));

  async function reachable(timeoutMs: number): Promise<boolean> {
    const answered = pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const late = new AbortController();
    try {
      return await Promise.race([answered, clock.sleep(timeoutMs, late.signal).then(() => false)]);
    } finally {
      late.abort();
    }
  }

  async function close(): Promise<void> {
    closing ??= Promise.all([pool.end(), dataSource.destroy()]).then(() => undefined);
    await closing;
  }

  return { pool, dataSource, transaction, statement, reachable, close };
}

const beginFor = (tenant: string): string =>
  `BEGIN; SELECT set_config('fanin.tenant', ${pg.escapeLiteral(tenant)}, true)`;

/**
 * The first statement of the work leaves with BEGIN. Should that fail before it began anything (cancelled, no memory), those that
 * are on their way run by themselves and without a tenant: tables with a policy show and take nothing then.
 */
function inTransaction<T>(pool: pg.Pool, tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return onConnection(pool, async (client) => {
    const begun = client.query(beginFor(tenant));
    const [, result] = await together(begun, (async () => work(client))());
    await client.query('COMMIT');
    return result;
  });
}

/** All of it in one way there and back: COMMIT behind a statement that failed is a rollback. */
function alone<R extends QueryResultRow>(pool: pg.Pool, tenant: string, query: QueryConfig): Promise<QueryResult<R>> {
  return onConnection(pool, async (client) => {
    const [, result] = await together(client.query(beginFor(tenant)), client.query<R>(query), client.query('COMMIT'));
    return result;
  });
}

async function onConnection<T>(pool: pg.Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof Error && isStalePlan(error)) broken = error;
    await client.query('ROLLBACK').catch((reason: unknown) => {
      broken = reason instanceof Error ? reason : new Error('rollback failed');
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The same promise as `Database.transaction`, for work with entities. Not retried. */
export async function entityTransaction<T>(
  database: Database,
  tenant: string,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  try {
    return await database.dataSource.transaction(async (manager) => {
      await manager.query(`SELECT set_config('fanin.tenant', $1, true)`, [tenant]);
      return work(manager);
    });
  } catch (error) {
    throw asDatabaseError(error);
  }
}

async function refuseUnboundRole(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const role = await client.query<{ rolname: string; unbound: boolean }>(
      'SELECT rolname, rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname = current_user',
    );
    if (role.rows[0]?.unbound !== true) return;
    throw new FaninError(
      'CONFIG',
      `The database role "${role.rows[0].rolname}" of database.url is a superuser or has BYPASSRLS, so tenants would not be ` +
        "separated. Use a plain owner of the database: CREATE ROLE fanin_service LOGIN PASSWORD '…'; " +
        'ALTER DATABASE … OWNER TO fanin_service;',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
