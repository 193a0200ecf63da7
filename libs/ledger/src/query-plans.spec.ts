import { createSystemClock, silentLogger } from '@fanin/kernel';
import { openDatabase, PLATFORM_PART, prepareServiceRole, type Database } from '@fanin/platform';
import {
  PLAN_ROWS,
  type SentStatement,
  type TestDatabase,
  problemsOfPlan,
  recordStatements,
  startTestDatabase,
} from '@fanin/test-kit';
import { LEDGER_PART } from './ledger-part.js';
import { LedgerReader } from './ledger-reader.js';

/** The planner takes each of the 1,440 deliveries of a day for ten parts. */
const LIMITS = { largeRows: PLAN_ROWS / 20, boundedRows: 20_000, settings: { random_page_cost: '1.1' } };

const DELIVERIES = `
INSERT INTO ledger.deliveries (delivery_id, tenant, account_id, channel, channel_slug, content_type, body_size, body_sha256, received_at)
SELECT 'delivery-' || d, 'shop', 'mail', (ARRAY['email','chat'])[1 + d % 2], 'email-smtp', 'message/rfc822', 4096, '',
  timestamptz '2026-01-01Z' + d * interval '1 minute' FROM generate_series(1, $1::int) AS d`;
const FATES = `
INSERT INTO ledger.fates (delivery_id, part, parts, tenant, account_id, channel, fate, decided_at)
SELECT 'delivery-' || d, 0, 1, 'shop', 'mail', (ARRAY['email','chat'])[1 + d % 2], 'accepted', timestamptz '2026-01-01Z' + d * interval '1 minute'
FROM generate_series(1, $1::int) AS d`;

describe(`plans with ${PLAN_ROWS.toLocaleString('en')} deliveries stored`, () => {
  let server: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    server = await startTestDatabase();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART, LEDGER_PART],
      clock: createSystemClock(),
      logger: silentLogger,
    });
    await database.transaction('*', async (client) => {
      await client.query(DELIVERIES, [PLAN_ROWS]);
      await client.query(FATES, [PLAN_ROWS]);
    });
    await database.pool.query('ANALYZE');
  }, 300_000);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  it('of the fates of a day, the newest deliveries and one delivery', async () => {
    const sent: SentStatement[] = [];
    const reader = new LedgerReader(recordStatements(database, sent));
    const report = await reader.fates('shop', { from: '2026-01-20T00:00:00Z', to: '2026-01-21T00:00:00Z' });
    expect(report.captured).toBe(1_440);
    expect(await reader.deliveries('shop', { limit: 50 })).toHaveLength(50);
    await reader.delivery('shop', 'delivery-17');
    for (const statement of sent)
      expect({ sql: statement.text, problems: await problemsOfPlan(database, statement, LIMITS) }).toEqual({
        sql: statement.text,
        problems: [],
      });
  });
});
