import { silentLogger } from '@fanin/kernel';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { Database } from './database.js';

describe('the connections of the log', () => {
  let server: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    server = await startTestDatabase();
    database = new Database(server.url, 'bus', 2, silentLogger);
  });
  afterAll(async () => {
    await database.end();
    await server.stop();
  });

  it('may be cut while a transaction rests between two statements: it fails, the process lives, the next succeeds', async () => {
    const interrupted = database.transaction(async (client) => {
      // Nobody has asked anything when it breaks, so it is the client itself that tells: without a listener the process ends.
      expect(client.listenerCount('error')).toBeGreaterThan(0);
      const heard = new Promise<unknown>((resolve) => client.once('end', resolve));
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await heard;
      await client.query('SELECT 1');
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect((await database.query<{ n: number }>('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  });
});
