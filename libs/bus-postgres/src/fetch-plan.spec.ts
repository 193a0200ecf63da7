import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { PLAN_ROWS, type TestDatabase, startTestDatabase } from '@fanin/test-kit';
import pg from 'pg';
import { Database } from './database.js';
import { fetchFrom } from './fetch.js';
import { createPostgresBus } from './postgres-bus.js';

const PARTITIONS = 4;

/** Keeps what it is asked. */
class Listening extends Database {
  readonly sent: { readonly sql: string; readonly values: readonly unknown[] }[] = [];

  override query<R extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<pg.QueryResult<R>> {
    this.sent.push({ sql, values });
    return super.query<R>(sql, values);
  }
}

describe(`the plan of a fetch with ${PLAN_ROWS.toLocaleString('en')} records in a topic`, () => {
  let server: TestDatabase;
  let admin: pg.Client;
  let database: Listening;

  beforeAll(async () => {
    server = await startTestDatabase();
    const bus = createPostgresBus({
      url: server.url,
      clock: createSystemClock(),
      logger: silentLogger,
      metrics: noMetrics,
      maintenance: { everyMs: 0 },
    });
    await bus.ensureTopics([{ name: 'long', partitions: PARTITIONS, retentionMs: -1, cleanup: 'delete' }]);
    await bus.close();
    admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(
      `INSERT INTO bus.log (topic_id, partition, segment, "offset", ts, key, value)
       SELECT 1, r % ${PARTITIONS}, 1, r / ${PARTITIONS}, r, 'key', convert_to(repeat('x', 100), 'UTF8') FROM generate_series(0, $1::int - 1) AS r`,
      [PLAN_ROWS],
    );
    await admin.query('ANALYZE');
    database = new Listening(server.url, 'bus', 1, silentLogger);
  }, 300_000);

  afterAll(async () => {
    await database?.end();
    await admin?.end();
    await server?.stop();
  });

  it('reads a batch by index, from the middle of the partition too', async () => {
    const topic = { id: 1, name: 'long', partitions: PARTITIONS, cleanup: 'delete' as const };
    const middle = BigInt(PLAN_ROWS / PARTITIONS / 2);
    const limits = { maxRecords: 500, maxBytes: 8_388_608 };
    const { records, full } = await fetchFrom(database, topic, 2, { offset: middle, segment: 1 }, limits);
    expect([records.length, records[0]?.offset, full]).toEqual([500, middle, true]);
    const asked = database.sent.at(-1);
    const { rows } = await admin.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${asked?.sql}`, [
      ...(asked?.values ?? []),
    ]);
    const plan = JSON.stringify(rows[0]?.['QUERY PLAN']);
    expect(plan).toContain('"Index Scan"');
    expect(plan).not.toMatch(/"Node Type":"(Seq Scan|Sort)"/);
  });
});
