import { createSystemClock, FaninError, silentLogger } from '@fanin/kernel';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Database, DatabasePart } from './database.js';
import { entityTransaction, openDatabase } from './open-database.js';
import { PLATFORM_PART } from './platform-part.js';
import { prepareServiceRole } from './service-role.js';
import { tenantPolicySql } from './tenant-policy.js';

class Notes1763800000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE notes.note (tenant text NOT NULL, id int PRIMARY KEY, text text)');
    await runner.query(tenantPolicySql('notes', 'note'));
  }
  async down(): Promise<void> {}
}
class Notes1763800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notes.note ADD COLUMN stars int');
  }
  async down(): Promise<void> {}
}
const oldNotes: DatabasePart = { schema: 'notes', entities: [], migrations: [Notes1763800000001] };
const notes: DatabasePart = { ...oldNotes, migrations: [Notes1763800000001, Notes1763800000002] };

const common = { clock: createSystemClock(), logger: silentLogger };

describe('openDatabase', () => {
  let server: TestDatabase;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    server = await startTestDatabase();
    url = await prepareServiceRole(server.url);
    const opened = await Promise.all([
      openDatabase({ url, parts: [PLATFORM_PART, oldNotes], ...common }),
      openDatabase({ url, parts: [PLATFORM_PART, oldNotes], ...common }),
    ]);
    await opened[1].close();
    database = opened[0];
  });

  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  it('refuses a superuser, because row-level security would not bind it', async () => {
    await expect(openDatabase({ url: server.url, parts: [], ...common })).rejects.toThrow(/superuser.*CREATE ROLE/s);
  });

  it('shows a transaction only the rows of its tenant, and nothing without a tenant', async () => {
    for (const [id, tenant] of [
      ['1', 'a'],
      ['2', 'b'],
    ] as const) {
      await database.transaction(tenant, (client) =>
        client.query('INSERT INTO notes.note VALUES ($1, $2)', [tenant, id]),
      );
    }
    const seen = async (tenant: string): Promise<number[]> =>
      (await database.transaction(tenant, (client) => client.query('SELECT id FROM notes.note ORDER BY id'))).rows.map(
        (row) => row.id,
      );
    expect(await seen('a')).toEqual([1]);
    expect(await seen('b')).toEqual([2]);
    expect(await seen('*')).toEqual([1, 2]);
    expect(await seen('')).toEqual([]);
    expect((await database.pool.query('SELECT id FROM notes.note')).rows).toEqual([]);
    const entities = await entityTransaction(database, 'b', (manager) => manager.query('SELECT id FROM notes.note'));
    expect(entities).toEqual([{ id: 2 }]);
    await expect(
      database.transaction('a', (client) => client.query("INSERT INTO notes.note VALUES ('b', 9)")),
    ).rejects.toThrow(/row-level security/);
  });

  it('runs a deadlocked transaction again by itself', async () => {
    await database.transaction('*', (client) =>
      client.query("INSERT INTO notes.note VALUES ('d', 101, ''), ('d', 102, '')"),
    );
    let attempts = 0;
    let meet: () => void = () => undefined;
    let waiting = 0;
    const both = new Promise<void>((resolve) => (meet = resolve));
    const touch = (first: number, second: number): Promise<void> =>
      database.transaction('d', async (client) => {
        attempts += 1;
        await client.query('UPDATE notes.note SET text = text || $1 WHERE id = $2', ['x', first]);
        waiting += 1;
        if (waiting === 2) meet();
        await both;
        await client.query('UPDATE notes.note SET text = text || $1 WHERE id = $2', ['x', second]);
      });
    await Promise.all([touch(101, 102), touch(102, 101)]);
    expect(attempts).toBeGreaterThan(2);
    const rows = await database.transaction('d', (client) =>
      client.query('SELECT text FROM notes.note WHERE id > 100'),
    );
    expect(rows.rows).toEqual([{ text: 'xx' }, { text: 'xx' }]);
  });

  it('survives a connection cut in the middle and calls it TRANSIENT', async () => {
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    const cut = database.transaction('a', async (client) => {
      const pid = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
      await admin.query('SELECT pg_terminate_backend($1)', [pid]);
      await client.query('SELECT pg_sleep(5)');
    });
    await expect(cut).rejects.toMatchObject({ name: 'FaninError', code: 'TRANSIENT' });
    await admin.end();
    expect(await database.reachable(1_000)).toBe(true);
  });

  it('leaves the errors of the work as they are', async () => {
    await expect(
      database.transaction('a', () => Promise.reject(new FaninError('BAD_PAYLOAD', 'no'))),
    ).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
    await expect(database.transaction('a', (client) => client.query('SELECT nonsense'))).rejects.toMatchObject({
      code: '42703',
    });
  });

  describe('a transaction of one statement', () => {
    it('sees its tenant only, commits, and is retried after a deadlock', async () => {
      await database.statement('a', "INSERT INTO notes.note VALUES ('a', 70, 'alone')");
      expect((await database.statement('a', 'SELECT text FROM notes.note WHERE id = $1', [70])).rows).toEqual([
        { text: 'alone' },
      ]);
      expect((await database.statement('b', 'SELECT text FROM notes.note WHERE id = $1', [70])).rows).toEqual([]);
      await database.pool.query('CREATE SEQUENCE IF NOT EXISTS public.tries');
      const once = `DO $$ BEGIN IF nextval('public.tries') = 1 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END IF; END $$`;
      await database.statement('a', once);
      expect((await database.pool.query("SELECT nextval('public.tries')::int AS n")).rows).toEqual([{ n: 3 }]);
    });

    it('tells what the statement failed of, not what came of it, and leaves nothing behind', async () => {
      const double = "INSERT INTO notes.note VALUES ('a', 71, 'one'), ('a', 71, 'two')";
      await expect(database.statement('a', double)).rejects.toMatchObject({ code: '23505' });
      expect((await database.statement('a', 'SELECT 1 FROM notes.note WHERE id = 71')).rows).toEqual([]);
    });
  });

  it('sends statements that leave together before the first is answered', async () => {
    await database.transaction('a', async (client) => {
      const { stream } = (client as unknown as { connection: { stream: { bytesWritten: number } } }).connection;
      await client.query('SELECT 1');
      const before = stream.bytesWritten;
      const texts = ['SELECT pg_sleep(0.05)', `SELECT '${'x'.repeat(500)}' AS long`];
      const sent = texts.map((text) => client.query(text));
      expect(stream.bytesWritten - before).toBeGreaterThan(texts.join('').length);
      await Promise.all(sent);
    });
  });

  it('throws a connection away whose plan a migration has made stale, and runs the transaction again', async () => {
    await database.pool.query('CREATE TABLE public.shape AS SELECT 1 AS n');
    const all = { name: 'spec-shape', text: 'SELECT * FROM public.shape' };
    for (let n = 0; n < 3; n += 1) expect((await database.statement('a', all)).rows).toEqual([{ n: 1 }]);
    await database.pool.query("ALTER TABLE public.shape ADD COLUMN word text DEFAULT 'new'");
    expect((await database.statement('a', all)).rows).toEqual([{ n: 1, word: 'new' }]);
    await database.transaction('a', (client) => client.query('DEALLOCATE ALL'));
    expect((await database.statement('a', all)).rows).toEqual([{ n: 1, word: 'new' }]);
  });

  it('only verifies in verify mode: behind is refused, current is let in', async () => {
    const verify = { url, parts: [PLATFORM_PART, notes], migrate: 'verify' as const, ...common };
    await expect(openDatabase(verify)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('"notes"'),
    });
    await (await openDatabase({ ...verify, migrate: 'auto' })).close();
    await (await openDatabase(verify)).close();
    await expect(
      openDatabase({ ...verify, parts: [{ schema: 'never', entities: [], migrations: [] }] }),
    ).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('calls a server that is not there TRANSIENT', async () => {
    await expect(openDatabase({ url: 'postgres://a:b@127.0.0.1:1/x', parts: [], ...common })).rejects.toMatchObject({
      code: 'TRANSIENT',
    });
  });
});
