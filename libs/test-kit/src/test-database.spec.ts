import pg from 'pg';
import { startTestDatabase } from './test-database.js';

describe('startTestDatabase', () => {
  it('gives databases that do not see each other and are gone after stop', async () => {
    const [a, b] = await Promise.all([startTestDatabase(), startTestDatabase()]);
    const clients = [a, b].map((database) => new pg.Client({ connectionString: database.url }));
    for (const client of clients) await client.connect();
    await clients[0]?.query('CREATE TABLE only_here ()');
    const seen = await clients[1]?.query("SELECT to_regclass('only_here') AS found");
    expect(seen?.rows).toEqual([{ found: null }]);
    for (const client of clients) await client.end();
    await Promise.all([a.stop(), b.stop()]);
    await expect(new pg.Client({ connectionString: a.url }).connect()).rejects.toThrow();
  });
});
