import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@fanin/embedded-postgres';
import pg from 'pg';

export interface TestDatabase {
  /** Connection string of a fresh, empty database; its user may create roles and schemas. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface TestFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A temporary folder that PostgreSQL's account may enter also when the tests run as root. */
export async function temporaryFolder(prefix = 'fanin-test-'): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/**
 * A database of its own on a real PostgreSQL: on the server that FANIN_TEST_DATABASE_URL (an administrator's URL) names,
 * else on an embedded server started for this call and gone with `stop`.
 */
export async function startTestDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env['FANIN_TEST_DATABASE_URL'];
  const name = `fanin_test_${randomBytes(6).toString('hex')}`;
  return adminUrl === undefined || adminUrl === '' ? startOwnServer(name) : createOn(adminUrl, name);
}

async function createOn(adminUrl: string, name: string): Promise<TestDatabase> {
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function startOwnServer(name: string): Promise<TestDatabase> {
  const folder = await temporaryFolder('fanin-test-db-');
  const server = await startEmbeddedPostgres({ dataDir: join(folder.path, 'data'), fsync: false, database: name });
  // A test run that is cut short must not leave a server behind.
  const end = (): void => {
    process.kill(server.pid, 'SIGQUIT');
  };
  process.once('exit', end);
  return {
    url: server.url,
    stop: async () => {
      process.removeListener('exit', end);
      await server.stop();
      await folder.remove();
    },
  };
}
