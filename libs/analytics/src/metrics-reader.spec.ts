import { CONTRACTS, createCodec } from '@fanin/contracts';
import { createSystemClock, silentLogger } from '@fanin/kernel';
import { openDatabase, PLATFORM_PART, prepareServiceRole, type Database } from '@fanin/platform';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { ANALYTICS_PART } from './analytics-part.js';
import { FactsWriter } from './facts/facts-writer.js';
import { MetricsReader } from './metrics-reader.js';
import { TicketStory } from './spec-support/ticket-story.js';

const MORNING = Date.parse('2026-11-21T08:00:00Z');
const AFTERNOON = Date.parse('2026-11-21T14:00:00Z');
const page = { limit: 50 };

describe('metrics over HTTP', () => {
  let server: TestDatabase;
  let database: Database;
  let reader: MetricsReader;

  beforeAll(async () => {
    server = await startTestDatabase();
    const clock = createSystemClock();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART, ANALYTICS_PART],
      clock,
      logger: silentLogger,
    });
    const writer = new FactsWriter({
      database,
      outbox: { add: () => Promise.resolve() },
      codec: createCodec(CONTRACTS.ticketFact),
      topic: 'facts',
      clock,
    });
    await writer.write([
      ...new TicketStory(MORNING, { id: 'a' }).created().agent(10, { status: 'open' }).status(20, 'solved').events,
      ...new TicketStory(MORNING, { id: 'b' }).created().agent(40, { status: 'open' }).events,
      ...new TicketStory(MORNING, { id: 'c', channel: 'chat' }).created().events,
      ...new TicketStory(AFTERNOON, { id: 'd' }).created().agent(2, { status: 'open' }).events,
      ...new TicketStory(AFTERNOON, { id: 'x', tenant: 'other' }).created().events,
    ]);
    reader = new MetricsReader(database);
  }, 60_000);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  it('gives exact medians over a span', async () => {
    const all = await reader.summary('demo', {});
    expect(all).toMatchObject({
      created_count: 4,
      solved_count: 1,
      public_reply_count: 3,
      backlog_count: 3,
      reopened_count: 0,
    });
    expect(all.durations['first_reply']).toEqual({ count: 3, p50: 600, p90: 2400 });
    expect(all.durations['next_reply']).toEqual({ count: 0, p50: null, p90: null });
  });

  it('adds up by channel, also where a channel only has a backlog', async () => {
    const afternoon = await reader.summary('demo', { from: '2026-11-21T12:00:00Z' });
    expect(afternoon.channels).toEqual([
      { channel: 'chat', created_count: 0, backlog_count: 1, first_reply_p50: null, first_reply_p90: null },
      { channel: 'email', created_count: 1, backlog_count: 2, first_reply_p50: 120, first_reply_p90: 120 },
    ]);
    expect(afternoon.channels.reduce((sum, channel) => sum + channel.backlog_count, 0)).toBe(afternoon.backlog_count);
  });

  it('drills from a number to its tickets, page by page', async () => {
    const rows = await reader.tickets('demo', { ...page, having: 'unreplied' }, 10, undefined);
    expect(rows.map((row) => row.ticket_id)).toEqual(['c']);
    const [newest] = await reader.tickets('demo', page, 1, undefined);
    expect(newest?.ticket_id).toBe('d');
    const rest = await reader.tickets('demo', page, 10, [String(newest?.created_at), newest?.ticket_id ?? '']);
    expect(rest.map((row) => row.ticket_id)).toEqual(['c', 'b', 'a']);
    expect(await reader.tickets('demo', { ...page, channel: 'chat', status: 'new' }, 10, undefined)).toHaveLength(1);
  });

  it('shows a tenant its own', async () => {
    expect((await reader.summary('other', {})).created_count).toBe(1);
    expect(await reader.tickets('nobody', page, 10, undefined)).toEqual([]);
  });
});
