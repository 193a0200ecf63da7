import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedPostgres } from './server.js';
import { startEmbeddedPostgres } from './server.js';
import { isAlive } from './lock-file.js';

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startEmbeddedPostgres', () => {
  let folder: string;
  let running: EmbeddedPostgres[];

  beforeEach(async () => {
    const parent = await mkdtemp(join(tmpdir(), 'fanin-pg-'));
    await chmod(parent, 0o711);
    folder = join(parent, 'data');
    running = [];
    await mkdir(folder);
  });

  afterEach(async () => {
    for (const server of running) await server.stop();
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  const start = async (options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) => {
    const server = await startEmbeddedPostgres({ dataDir: folder, ...options });
    running.push(server);
    return server;
  };

  it('makes a UTF-8 cluster with an unguessable password, and keeps the data over a restart', async () => {
    const first = await start();
    expect(await query(first.url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    expect(await query(first.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(first.url, "SELECT lower('ÄÖ') AS low")).toEqual([{ low: 'äö' }]);
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
    await expect(query(first.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      /password authentication/,
    );
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('refuses a folder that a live server uses, a taken port and a folder it cannot write', async () => {
    const first = await start();
    await expect(startEmbeddedPostgres({ dataDir: folder })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/in use/),
    });
    await first.stop();

    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    await expect(startEmbeddedPostgres({ dataDir: folder, port })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(String(port)),
    });
    await new Promise((resolve) => blocker.close(resolve));

    await writeFile(join(folder, '..', 'file'), '');
    await expect(startEmbeddedPostgres({ dataDir: join(folder, '..', 'file', 'data') })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/cannot be written/),
    });
  });

  it('recovers after kill -9 of the server, with committed data there', async () => {
    const reasons: string[] = [];
    const first = await start({ onExit: (reason) => reasons.push(reason) });
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS answer');
    process.kill(first.pid, 'SIGKILL');
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 7 }]);
    expect(reasons).toHaveLength(1);
  });

  it('ends the server that a killed owner left behind and starts anew', async () => {
    const first = await start();
    await first.stop();
    // A stand-in for a killed owner: its server runs on, and the owner file names a process that is gone.
    const gone = spawn('true');
    await new Promise((resolve) => gone.once('exit', resolve));
    const left = await startEmbeddedPostgres({ dataDir: folder });
    await writeFile(join(folder, 'owner'), `${gone.pid} 1\n`);
    const next = await start();
    expect(isAlive(left.pid)).toBe(false);
    expect(next.pid).not.toBe(left.pid);
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await left.stop();
  });

  it('takes a lock file whose process number now belongs to somebody else for stale', async () => {
    const first = await start();
    const lock = await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8');
    await first.stop();
    await writeFile(join(folder, 'cluster', 'postmaster.pid'), lock.replace(String(first.pid), String(process.pid)));
    const second = await start();
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('keeps the cluster where its account may enter when root starts it below a closed folder', async () => {
    await chmod(join(folder, '..'), 0o700);
    const server = await start();
    await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await server.stop();
    const again = await start();
    expect(await query(again.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    await again.stop();
    const elsewhere = await readlink(join(folder, 'elsewhere'));
    expect(elsewhere).toMatch(/^\/var\/lib\/fanin\//);
    await rm(elsewhere, { recursive: true });
  });

  it('finishes what a kill in the middle of the first start left half-made', async () => {
    await mkdir(join(folder, 'cluster.new'));
    await writeFile(join(folder, 'cluster.new', 'PG_VERSION'), '18\n');
    const server = await start();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
