import { asTransient, faultOf } from '@fanin/bus';
import type { Logger } from '@fanin/kernel';
import { FaninError, messageOf } from '@fanin/kernel';
import pg from 'pg';
import { SCHEMA_VERSION, isSchemaName, schemaStatements } from './schema.js';

/** Longer than any statement of ours takes on a healthy server; a frozen one must not hold a connection for ever. */
const QUERY_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A frozen server says no goodbye. */
const GOODBYE_TIMEOUT_MS = 1_000;

/** What pg throws, in the words of the port: the database being away is TRANSIENT. */
export function busError(error: unknown): unknown {
  if (error instanceof FaninError) return error;
  if (faultOf(error) === 'environment') return asTransient(error);
  const text = messageOf(error);
  if (/Client was closed|Cannot use a pool after|timeout expired/.test(text)) return asTransient(error);
  return error;
}

/** The connections of one bus and the schema of its log. */
export class Database {
  private readonly pool: pg.Pool;
  private prepared: Promise<void> | undefined;
  private ended = false;
  private readonly open = new Set<pg.PoolClient>();

  constructor(
    private readonly url: string,
    readonly schema: string,
    connections: number,
    private readonly logger: Logger,
  ) {
    if (!isSchemaName(schema)) throw new FaninError('CONFIG', `"${schema}" is no schema name: use a-z, 0-9 and _`);
    this.pool = new pg.Pool({ ...this.clientConfig(), max: connections, idleTimeoutMillis: 10_000 });
    // pg emits errors of idle connections here; the next query opens a new one.
    this.pool.on('error', (error) => {
      if (!this.ended) this.logger.warn('a connection to the log was lost', { reason: messageOf(error) });
    });
    this.pool.on('connect', (client) => {
      this.open.add(client);
      // A connection that breaks while it is lent out emits too, and nobody else listens; its next query rejects.
      client.on('error', () => undefined);
      client.once('end', () => this.open.delete(client));
    });
  }

  clientConfig(): pg.ClientConfig {
    return {
      connectionString: this.url,
      application_name: 'fanin-bus',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    };
  }

  /** Makes the schema when missing; remembered once it succeeded. */
  async ready(): Promise<void> {
    this.prepared ??= this.prepare();
    try {
      await this.prepared;
    } catch (error) {
      this.prepared = undefined;
      throw busError(error);
    }
  }

  async query<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<pg.QueryResult<R>> {
    await this.ready();
    return this.raw<R>(sql, values);
  }

  /** Runs `work` in one transaction on one connection. */
  async transaction<R>(work: (client: pg.ClientBase) => Promise<R>): Promise<R> {
    await this.ready();
    const client = await this.pool.connect().catch((error: unknown) => {
      throw busError(error);
    });
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw busError(error);
    } finally {
      client.release(broken);
    }
  }

  /** True when the server answers in time. Never rejects. */
  async answers(timeoutMs: number): Promise<boolean> {
    if (this.ended) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
    const asked = this.pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  }

  /** Returns when the server has closed every connection: it may be stopped right after. */
  async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    // The pool's own end only sends the goodbyes, and does not wait for the connections to be gone.
    await this.pool.end();
    const gone = Promise.all(
      [...this.open].map((client) => new Promise<void>((resolve) => client.once('end', resolve))),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_TIMEOUT_MS)));
    await Promise.race([gone, late]).finally(() => clearTimeout(timer));
  }

  private async raw<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<pg.QueryResult<R>> {
    try {
      return await this.pool.query<R>(sql, [...values]);
    } catch (error) {
      throw busError(error);
    }
  }

  private async prepare(): Promise<void> {
    const find = async (client: pg.ClientBase): Promise<number | undefined> => {
      const table = await client.query<{ found: string | null }>('SELECT to_regclass($1)::text AS found', [
        `${this.schema}.schema_version`,
      ]);
      if (table.rows[0]?.found === null) return undefined;
      return (await client.query<{ version: number }>(`SELECT version FROM ${this.schema}.schema_version`)).rows[0]
        ?.version;
    };
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      if ((await find(client)) === SCHEMA_VERSION) return;
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`fanin.${this.schema}.schema`]);
      const version = await find(client);
      if (version === undefined) await client.query(schemaStatements(this.schema));
      else if (version !== SCHEMA_VERSION) {
        throw new FaninError(
          'CONFIG',
          `the log in schema ${this.schema} has version ${version}, this program knows ${SCHEMA_VERSION}: use the Fanin that wrote it, or another schema`,
        );
      }
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.release(broken);
    }
  }
}
