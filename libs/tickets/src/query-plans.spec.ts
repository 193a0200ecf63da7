import { createSystemClock, silentLogger } from '@fanin/kernel';
import { createOutbox, openDatabase, PLATFORM_PART, prepareServiceRole, type Database } from '@fanin/platform';
import {
  PLAN_ROWS,
  type SentStatement,
  type TestDatabase,
  problemsOfPlan,
  recordStatements,
  startTestDatabase,
} from '@fanin/test-kit';
import { TicketListQuery } from './api/inputs.js';
import { TicketQueries } from './api/ticket-queries.js';
import { benchLanes } from './bench/bench-messages.js';
import { createPublishing } from './events/publishing.js';
import { createIntake } from './intake/intake.js';
import { TICKETS_PART } from './schema/tickets-part.js';
import { fillTickets } from './testing/fill-tickets.js';
import { sampleMail } from './testing/sample-messages.js';

const LIMITS = { largeRows: PLAN_ROWS / 20, boundedRows: PLAN_ROWS / 20 };

describe(`plans with ${PLAN_ROWS.toLocaleString('en')} messages stored`, () => {
  let server: TestDatabase;
  let database: Database;
  let sent: SentStatement[];
  let recorded: Database;
  let queries: TicketQueries;

  beforeAll(async () => {
    server = await startTestDatabase();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART, TICKETS_PART],
      clock: createSystemClock(),
      logger: silentLogger,
    });
    await fillTickets(database, { messages: PLAN_ROWS, textChars: 60, search: true });
  }, 600_000);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  beforeEach(() => {
    sent = [];
    recorded = recordStatements(database, sent);
    queries = new TicketQueries(recorded, createSystemClock());
  });

  async function expectBounded(): Promise<void> {
    expect(sent.length).toBeGreaterThan(0);
    for (const statement of sent)
      expect({ sql: statement.text, problems: await problemsOfPlan(database, statement, LIMITS) }).toEqual({
        sql: statement.text,
        problems: [],
      });
  }

  const listOf = (given: Partial<TicketListQuery>): TicketListQuery =>
    Object.assign(new TicketListQuery(), { limit: 50, ...given });

  it('of the step: every look-up, lock and write of a batch, new and redelivered', async () => {
    const [batch = []] = benchLanes(1, 500);
    const intake = createIntake({
      database: recorded,
      publishing: createPublishing(createOutbox('ticket-core')),
      clock: createSystemClock(),
    });
    await intake.handleBatch(batch);
    await intake.handleBatch(batch);
    await expectBounded();
  });

  it('of two tickets that turn out to be one conversation', async () => {
    const intake = createIntake({
      database: recorded,
      publishing: createPublishing(createOutbox('ticket-core')),
      clock: createSystemClock(),
    });
    const answering = (name: string): { threading: { references: string[] } } => ({
      threading: { references: [`<${name}@mail.example>`] },
    });
    await intake.handleBatch([sampleMail('first')]);
    await intake.handleBatch([sampleMail('third', answering('second'))]);
    await intake.handleBatch([sampleMail('second', answering('first'))]);
    expect(sent.some(({ text }) => text.includes('UPDATE tickets.message_search'))).toBe(true);
    await expectBounded();
  });

  it.each<Partial<TicketListQuery>>([
    {},
    { status: 'open' },
    { status: 'new,open,pending' },
    { team_id: 'team-3' },
    { assignee_id: 'agent-4' },
    { channel: 'chat' },
    { priority: 'high' },
    { updated_after: '2026-03-01T00:00:00.000Z' },
    { q: 'word17' },
    { q: '#1700' },
    { task: 'open' },
  ])('of the list by %j', async (filter) => {
    await queries.list('shop', listOf(filter));
    await expectBounded();
  });

  it('of a search, which finds no word of another tenant', async () => {
    expect((await queries.list('shop', listOf({ q: 'word17' }))).data).not.toEqual([]);
    expect((await queries.list('other', listOf({ q: 'word17' }))).data).toEqual([]);
    await expectBounded();
  });

  it('of a ticket and its conversation', async () => {
    const [ticket] = (await queries.list('shop', listOf({}))).data;
    sent.length = 0;
    await queries.get('shop', ticket?.id ?? '');
    await queries.messages('shop', ticket?.id ?? '', { limit: 50 });
    await expectBounded();
  });

  it('shows a statement that reads everything: the check can fail', async () => {
    const everything = {
      tenant: 'shop',
      text: `SELECT * FROM tickets.messages WHERE text = 'x'`,
      values: [],
      isPrepared: false,
    };
    expect(await problemsOfPlan(database, everything, LIMITS)).toEqual(['reads all of messages']);
  });
});
