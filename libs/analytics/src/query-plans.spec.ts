import { CONTRACTS, createCodec } from '@fanin/contracts';
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
import { ANALYTICS_PART } from './analytics-part.js';
import { FactsWriter } from './facts/facts-writer.js';
import { MetricsReader } from './metrics-reader.js';
import { fillAnalytics } from './spec-support/fill-analytics.js';
import { TicketStory } from './spec-support/ticket-story.js';
import { WindowFlusher } from './windows/window-flusher.js';

/** What the backlog is made of, a row an hour and slice: read whole once an hour, and for figures up to an instant. */
const LIMITS = { largeRows: PLAN_ROWS / 100, boundedRows: PLAN_ROWS / 20, mayRead: ['backlog_hours'] };
const DAY = { from: '2026-02-01T00:00:00Z', to: '2026-02-02T00:00:00Z' };

describe(`plans with ${PLAN_ROWS.toLocaleString('en')} happenings stored`, () => {
  let server: TestDatabase;
  let database: Database;
  let sent: SentStatement[];
  let recorded: Database;

  beforeAll(async () => {
    server = await startTestDatabase();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART, ANALYTICS_PART],
      clock: createSystemClock(),
      logger: silentLogger,
    });
    await fillAnalytics(database, PLAN_ROWS);
  }, 600_000);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  beforeEach(() => {
    sent = [];
    recorded = recordStatements(database, sent);
  });

  async function expectBounded(): Promise<void> {
    expect(sent.length).toBeGreaterThan(0);
    for (const statement of sent)
      expect({ sql: statement.text, problems: await problemsOfPlan(database, statement, LIMITS) }).toEqual({
        sql: statement.text,
        problems: [],
      });
  }

  it('of facts and windows: load, upsert, happenings, the recount of marked windows', async () => {
    const common = { database: recorded, outbox: { add: () => Promise.resolve() }, clock: createSystemClock() };
    const facts = new FactsWriter({ ...common, codec: createCodec(CONTRACTS.ticketFact), topic: 'facts' });
    const windows = new WindowFlusher({ ...common, codec: createCodec(CONTRACTS.window), topic: 'windows' });
    const story = new TicketStory(Date.parse('2026-02-01T08:00:00Z'), { id: 'plan', tenant: 'shop' });
    await facts.write(story.created().agent(5, { status: 'open' }).status(9, 'solved').events);
    await facts.write(story.customer(20, { status: 'open' }).events);
    await windows.flush();
    await expectBounded();
  });

  it('of the rows of facts and windows, and the figures of a day', async () => {
    const reader = new MetricsReader(recorded);
    await reader.tickets('shop', { limit: 50 }, 51, undefined);
    await reader.tickets('shop', { limit: 50, ...DAY }, 51, undefined);
    await reader.tickets('shop', { limit: 50, ...DAY }, 51, [String(Date.parse(DAY.to)), 'ticket-9']);
    await reader.windows('shop', { limit: 50, grain: 'hour', ...DAY }, 51, undefined);
    await reader.summary('shop', DAY);
    await expectBounded();
  });
});
