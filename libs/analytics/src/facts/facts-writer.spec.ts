import {
  CONTRACTS,
  createCodec,
  fieldsOf,
  TicketFactV1,
  WindowV1,
  type EncodedRecord,
  type TicketEventV1,
} from '@fanin/contracts';
import { createSystemClock, silentLogger, type Clock } from '@fanin/kernel';
import { openDatabase, PLATFORM_PART, prepareServiceRole, type Database, type Outbox } from '@fanin/platform';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { ANALYTICS_PART } from '../analytics-part.js';
import { TicketStory } from '../spec-support/ticket-story.js';
import { DAY_MS, HOUR_MS } from '../windows/window-columns.js';
import { WindowFlusher } from '../windows/window-flusher.js';
import { FactsWriter } from './facts-writer.js';

const START = Date.parse('2026-11-21T08:10:00Z');
const NINE = Date.parse('2026-11-21T09:00:00Z');

const TABLES = [
  ...['ticket_facts', 'ticket_memory', 'happenings'],
  ...['backlog_hours', 'dirty_windows', 'window_marks', 'window_parts', 'windows'],
];

class Capture implements Outbox {
  readonly sent: { topic: string; row: Record<string, unknown> }[] = [];
  async add(_client: unknown, topic: string, records: readonly EncodedRecord[]): Promise<void> {
    for (const record of records)
      this.sent.push({ topic, row: JSON.parse(record.value.toString('utf8')) as Record<string, unknown> });
  }
  latest(topic: string): Map<string, Record<string, unknown>> {
    return new Map(
      this.sent.filter((sent) => sent.topic === topic).map((sent) => [String(sent.row['row_id']), sent.row]),
    );
  }
}

describe('facts and windows on a real PostgreSQL', () => {
  let server: TestDatabase;
  let database: Database;
  let outbox: Capture;
  let writer: FactsWriter;
  let flusher: WindowFlusher;
  let now = START + 3 * HOUR_MS;

  beforeAll(async () => {
    server = await startTestDatabase();
    const clock = createSystemClock();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART, ANALYTICS_PART],
      clock,
      logger: silentLogger,
    });
  }, 60_000);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    await database.transaction('*', async (client) => {
      for (const table of TABLES) await client.query(`DELETE FROM analytics.${table}`);
    });
    now = START + 3 * HOUR_MS;
    const clock: Clock = { ...createSystemClock(), now: () => now };
    outbox = new Capture();
    writer = new FactsWriter({ database, outbox, codec: createCodec(CONTRACTS.ticketFact), topic: 'facts', clock });
    flusher = new WindowFlusher({ database, outbox, codec: createCodec(CONTRACTS.window), topic: 'windows', clock });
  });

  async function drain(): Promise<void> {
    while ((await flusher.flush()) > 0);
  }

  function day(): TicketEventV1[] {
    return [
      ...new TicketStory(START, { id: 'a' }).created().agent(10, { status: 'open' }).status(20, 'solved').events,
      ...new TicketStory(START, { id: 'b' }).created().agent(40, { status: 'open' }).events,
      ...new TicketStory(START, { id: 'c', channel: 'chat' }).created().events,
      ...new TicketStory(START, { id: 'd', tenant: 'other' }).created().events,
    ];
  }

  it('have the columns of their contracts', async () => {
    const result = await database.transaction('*', (client) =>
      client.query<{ table_name: string; columns: string[] }>(
        `SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns FROM information_schema.columns
         WHERE table_schema = 'analytics' AND table_name IN ('ticket_facts', 'windows') GROUP BY 1 ORDER BY 1`,
      ),
    );
    expect(result.rows.map((row) => row.columns.sort())).toEqual(
      [TicketFactV1, WindowV1].map((cls) =>
        fieldsOf(cls)
          .map((declared) => declared.name)
          .sort(),
      ),
    );
  });

  it('count hours and days per slice, in the window of the event', async () => {
    await writer.write(day());
    await drain();
    const windows = outbox.latest('windows');
    const eight = NINE - HOUR_MS;
    expect(windows.get(`demo|hour|${eight}|email||normal`)).toMatchObject({
      created_count: 2,
      inbound_count: 2,
      public_reply_count: 2,
      solved_count: 1,
      first_reply_count: 2,
      first_reply_seconds_sum: 3000,
      first_reply_seconds_min: 600,
      first_reply_seconds_max: 2400,
      first_reply_seconds_p50: 600,
      first_reply_seconds_p90: 2400,
      first_reply_le_900: 1,
      first_reply_le_3600: 2,
      backlog_count: 1,
      is_final: false,
      next_reply_count: 0,
      next_reply_seconds_sum: null,
      record_version: 1,
    });
    expect(windows.get(`demo|hour|${eight}|chat||normal`)).toMatchObject({
      created_count: 1,
      backlog_count: 1,
      first_reply_seconds_p50: null,
    });
    expect(windows.get(`demo|day|${START - (START % DAY_MS)}|email||normal`)).toMatchObject({
      created_count: 2,
      report_date: '2026-11-21',
    });
    expect(windows.get(`other|hour|${eight}|email||normal`)).toMatchObject({ created_count: 1 });
  });

  it('change nothing when a batch is delivered again', async () => {
    const events = day();
    await writer.write(events);
    await drain();
    const before = outbox.sent.length;
    expect(await writer.write(events)).toBe(0);
    await drain();
    expect(outbox.sent.length).toBe(before);
  });

  it('give the same rows whatever the batches were', async () => {
    const strip = (rows: Map<string, Record<string, unknown>>): unknown[] =>
      [...rows.values()]
        .map(({ record_version: _v, computed_at: _c, ...row }) => row)
        .sort((a, b) => String(a['row_id']).localeCompare(String(b['row_id'])));
    await writer.write(day());
    await drain();
    const together = [strip(outbox.latest('facts')), strip(outbox.latest('windows'))];
    await database.transaction('*', async (client) => {
      for (const table of TABLES) await client.query(`DELETE FROM analytics.${table}`);
    });
    outbox.sent.length = 0;
    for (const event of day()) {
      await writer.write([event]);
      await drain();
    }
    expect([strip(outbox.latest('facts')), strip(outbox.latest('windows'))]).toEqual(together);
  });

  it('send a whole row with a higher version when a reopening takes a resolution back', async () => {
    const story = new TicketStory(START, { id: 'a' }).created().status(20, 'solved');
    await writer.write(story.events);
    await drain();
    const row = `demo|hour|${NINE - HOUR_MS}|email||normal`;
    expect(outbox.latest('windows').get(row)).toMatchObject({
      full_resolution_count: 1,
      full_resolution_seconds_sum: 1200,
      record_version: 1,
    });
    story.customer(90, { status: 'open' });
    await writer.write(story.events);
    await drain();
    expect(outbox.latest('windows').get(row)).toMatchObject({
      full_resolution_count: 0,
      full_resolution_seconds_sum: null,
      first_resolution_count: 1,
      record_version: 2,
    });
    expect(outbox.latest('windows').get(`demo|hour|${NINE}|email||normal`)).toMatchObject({
      reopened_count: 1,
      backlog_count: 1,
    });
  });

  it('shift the backlog of later windows when something late comes in', async () => {
    await writer.write(new TicketStory(START + 2 * HOUR_MS, { id: 'b' }).created().events);
    await drain();
    await writer.write(new TicketStory(START, { id: 'a' }).created().events);
    await drain();
    expect(outbox.latest('windows').get(`demo|hour|${NINE + HOUR_MS}|email||normal`)).toMatchObject({
      backlog_count: 2,
      created_count: 1,
    });
  });

  it('carry the backlog into an hour in which nothing happened', async () => {
    await writer.write(new TicketStory(START, { id: 'a' }).created().events);
    await drain();
    now += 2 * HOUR_MS;
    await drain();
    expect(outbox.latest('windows').get(`demo|hour|${now - (now % HOUR_MS)}|email||normal`)).toMatchObject({
      backlog_count: 1,
      created_count: 0,
    });
  });

  it('carry the backlog into an hour whose first flush failed', async () => {
    await writer.write(day());
    await drain();
    now += HOUR_MS;
    const add = outbox.add.bind(outbox);
    outbox.add = () => Promise.reject(new Error('the database goes away'));
    await expect(flusher.flush()).rejects.toThrow('goes away');
    outbox.add = add;
    await drain();
    expect(outbox.latest('windows').get(`demo|hour|${now - (now % HOUR_MS)}|email||normal`)).toMatchObject({
      backlog_count: 1,
      created_count: 0,
    });
  });

  it('count what a batch adds to a window that is flushed before the batch is committed', async () => {
    await writer.write(new TicketStory(START, { id: 'a' }).created().events);
    const add = outbox.add.bind(outbox);
    let flushing: Promise<number> | undefined;
    let over = false;
    const waits = async (): Promise<void> => {
      const waiting = 'SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted';
      while (!over && (await database.pool.query<{ n: number }>(waiting)).rows[0]?.n === 0);
    };
    outbox.add = async (client, topic, records) => {
      await add(client, topic, records);
      if (topic !== 'facts') return;
      // The batch has marked its windows, and its transaction is still open: the flush does without, or waits for it.
      flushing = flusher.flush().finally(() => (over = true));
      await Promise.race([flushing, waits()]);
    };
    await writer.write(new TicketStory(START, { id: 'b' }).created().events);
    outbox.add = add;
    await flushing;
    await drain();
    const row = outbox.latest('windows').get(`demo|hour|${NINE - HOUR_MS}|email||normal`);
    expect(row).toMatchObject({ created_count: 2, inbound_count: 2 });
  });

  it('show a backlog that moved while the first flush of an hour was making the window', async () => {
    await writer.write(new TicketStory(START, { id: 'a' }).created().events);
    await drain();
    const add = outbox.add.bind(outbox);
    outbox.add = async (client, topic, records) => {
      await add(client, topic, records);
      if (topic !== 'facts') return;
      now += HOUR_MS;
      await flusher.flush();
    };
    await writer.write(new TicketStory(START, { id: 'b' }).created().events);
    outbox.add = add;
    const made = `demo|hour|${now - (now % HOUR_MS)}|email||normal`;
    expect(outbox.latest('windows').get(made)).toMatchObject({ backlog_count: 1 });
    await drain();
    expect(outbox.latest('windows').get(made)).toMatchObject({ backlog_count: 2 });
  });

  it('are counted whole where the version before has marked them', async () => {
    await writer.write(day());
    await drain();
    const eight = NINE - HOUR_MS;
    await database.transaction('*', async (client) => {
      for (const table of ['window_parts', 'windows']) await client.query(`DELETE FROM analytics.${table}`);
      const mark = "INSERT INTO analytics.dirty_windows VALUES ('demo', 'hour', $1, 'email', '', 'normal') ";
      await client.query(`${mark} ON CONFLICT DO NOTHING`, [eight]);
    });
    outbox.sent.length = 0;
    await drain();
    expect(outbox.latest('windows').get(`demo|hour|${eight}|email||normal`)).toMatchObject({
      created_count: 2,
      public_reply_count: 2,
      first_reply_count: 2,
    });
  });

  it('let a batch write while a flush of the same windows is not committed', async () => {
    await writer.write(new TicketStory(START, { id: 'a' }).created().events);
    const add = outbox.add.bind(outbox);
    outbox.add = async (client, topic, records) => {
      await add(client, topic, records);
      if (topic === 'windows') await writer.write(new TicketStory(START, { id: 'b' }).created().events);
    };
    await flusher.flush();
    outbox.add = add;
    await drain();
    const row = outbox.latest('windows').get(`demo|hour|${NINE - HOUR_MS}|email||normal`);
    expect(row).toMatchObject({ created_count: 2, inbound_count: 2 });
  });

  it('are not counted again but for the minutes in which something came', async () => {
    const story = new TicketStory(START, { id: 'a' }).created().agent(10, { status: 'open' });
    await writer.write(story.events);
    await drain();
    await database.transaction('*', (client) =>
      client.query("DELETE FROM analytics.happenings WHERE ticket_id = 'a' AND seconds IS NULL"),
    );
    await writer.write(new TicketStory(START, { id: 'b' }).created().agent(30, { status: 'open' }).events);
    await drain();
    const hour = outbox.latest('windows').get(`demo|hour|${NINE - HOUR_MS}|email||normal`);
    // Both were created in the same minutes, and answered in others.
    expect(hour).toMatchObject({ created_count: 1, public_reply_count: 2, first_reply_count: 2 });
  });

  it('close windows after the grace; what is later is counted apart and still changes the fact', async () => {
    await writer.write(new TicketStory(START, { id: 'a' }).created().events);
    now += 8 * DAY_MS;
    await drain();
    const row = `demo|hour|${NINE - HOUR_MS}|email||normal`;
    expect(outbox.latest('windows').get(row)).toMatchObject({
      is_final: true,
      created_count: 1,
      late_dropped_count: 0,
    });
    const late = new TicketStory(START, { id: 'late' })
      .created()
      .events.map((event) => ({ ...event, recorded_at: new Date(now).toISOString() }));
    await writer.write(late);
    await drain();
    expect(outbox.latest('windows').get(row)).toMatchObject({
      created_count: 1,
      late_dropped_count: 2,
      is_final: true,
    });
    expect(outbox.latest('facts').get('late')).toMatchObject({ inbound_count: 1 });
  });

  it('show a tenant its own rows only, and nothing to a transaction without one', async () => {
    await writer.write(day());
    await drain();
    const count = (tenant: string): Promise<number> =>
      database.transaction(tenant, async (client) =>
        Number(
          (
            await client.query<{ n: string }>(
              'SELECT (SELECT count(*) FROM bi.ticket_facts) + (SELECT count(*) FROM bi.windows) AS n',
            )
          ).rows[0]?.n,
        ),
      );
    const [all, demo, other] = await Promise.all([count('*'), count('demo'), count('other')]);
    expect(demo + other).toBe(all);
    expect(other).toBeGreaterThan(0);
    const bare = await database.pool.query<{ n: string }>('SELECT count(*) AS n FROM analytics.ticket_facts');
    expect(Number(bare.rows[0]?.n)).toBe(0);
  });
});
