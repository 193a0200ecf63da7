import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { DataSource, MigrationInterface } from 'typeorm';

/**
 * The one PostgreSQL of a service. Row-level security is forced on every tenant-scoped table:
 *   USING (current_setting('fanin.tenant', true) IN (tenant, '*'))
 * A transaction that sets no tenant sees nothing (fail closed). `tenant` '*' is for consumers that work on batches of
 * several tenants and for the operator's session; an API key never gets it.
 */
export interface Database {
  readonly pool: Pool;
  readonly dataSource: DataSource;
  /** One transaction with `SET LOCAL fanin.tenant`; retried by itself on deadlock and serialisation failure (at most 5 times). */
  transaction<T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /**
   * A transaction of one statement, in one way to the server and back; retried like `transaction`. For what may
   * be done again: where the line breaks, it may be committed though the caller hears TRANSIENT.
   */
  statement<R extends QueryResultRow>(
    tenant: string,
    text: string | Prepared,
    values?: readonly unknown[],
  ): Promise<QueryResult<R>>;
  /** Resolves true when the database answers within `timeoutMs`; never rejects. */
  reachable(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A statement that a connection reads and plans once, under its name: for those that come with every batch. After some
 * runs the server may keep a plan that suits any values, so its plan is tested as such, too (`problemsOfPlan`).
 */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** Injection token of the database. */
export const DATABASE = Symbol('Database');

/** What a library brings to the database: its schema's migrations and entities. Applied in `name` order of dependence. */
export interface DatabasePart {
  /** PostgreSQL schema the part owns, e.g. `tickets`. */
  readonly schema: string;
  readonly entities: readonly (new () => object)[];
  /** TypeORM migrations, oldest first; expand/contract only. Class names end in an epoch-ms number as TypeORM wants. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}
