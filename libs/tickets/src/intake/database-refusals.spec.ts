import { createSettler, type BusRecord, type OutgoingRecord, type RecordBatch } from '@fanin/bus';
import { CONTRACTS, createCodec, type InboundMessageV1 } from '@fanin/contracts';
import { codeOf, noMetrics, silentLogger } from '@fanin/kernel';
import type { Database } from '@fanin/platform';
import pg from 'pg';
import { sampleChat } from '../testing/sample-messages.js';
import { openTickets, type TicketsFixture } from '../testing/tickets-fixture.js';
import { createIntake, type Intake } from './intake.js';

const codec = createCodec(CONTRACTS.inboundMessage);

function batchOf(messages: readonly InboundMessageV1[]): RecordBatch {
  const records = messages.map((message, n): BusRecord => {
    const { key, value, headers } = codec.encode(message, { key: message.conversation_key, source: '/test' });
    return { topic: 't', partition: 0, offset: BigInt(n), key, value, headers, timestampMs: 1 };
  });
  return { topic: 't', records };
}

/** The ticket core behind the settler, as an engine drives it: what could not be handled comes again. */
async function consume(intake: Intake, messages: readonly InboundMessageV1[], clock: TicketsFixture['clock']) {
  const letters: OutgoingRecord[] = [];
  const settle = createSettler<InboundMessageV1>({
    codec,
    group: 'g',
    bus: { publish: async (_topic, records) => void letters.push(...records) },
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    handleBatch: (received) => intake.handleBatch(received.map(({ value }) => value)),
  });
  const context = { signal: new AbortController().signal, heartbeat: async () => undefined, resolve: () => undefined };
  for (let turns = 1; ; turns += 1) {
    try {
      await settle(batchOf(messages), context);
      return { letters, turns };
    } catch (error) {
      if (codeOf(error) !== 'TRANSIENT' || turns > 20) throw error;
    }
  }
}

describe('what the database refuses', () => {
  let tickets: TicketsFixture;
  beforeAll(async () => {
    tickets = await openTickets();
    // A sequence counts whatever is rolled back, so that a trap can spring a number of times and then let everything by.
    await tickets.database.pool.query(`
      CREATE SEQUENCE tickets.trap_count;
      CREATE FUNCTION tickets.trap() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('tickets.trap_count') > TG_ARGV[0]::int THEN RETURN NULL; END IF;
        IF TG_ARGV[1] = 'cut' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RAISE EXCEPTION 'trap' USING ERRCODE = TG_ARGV[1];
      END $$`);
  });
  afterAll(() => tickets.close());
  afterEach(() => tickets.database.pool.query('DROP TRIGGER IF EXISTS trap ON tickets.messages'));

  const setTrap = async (times: number, what: string, when = 'AFTER INSERT ON tickets.messages'): Promise<void> => {
    const kind = when.includes('DEFERRED') ? 'CONSTRAINT TRIGGER' : 'TRIGGER';
    const each = when.includes('DEFERRED') ? 'ROW' : 'STATEMENT';
    await tickets.database.pool.query(
      `SELECT setval('tickets.trap_count', 1, false);
       CREATE ${kind} trap ${when} FOR EACH ${each} EXECUTE FUNCTION tickets.trap(${times}, '${what}')`,
    );
  };
  /** Each of them once, in order, with one event and one fate each, whatever happened on the way. */
  const expectOnce = async (tenant: string, messages: readonly InboundMessageV1[]): Promise<void> => {
    const { rows } = await tickets.database.transaction(tenant, (client) =>
      client.query<{ id: string }>('SELECT id FROM tickets.messages ORDER BY ticket_id, seq'),
    );
    const ids = messages.map(({ message_id: id }) => id);
    expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort());
    const { events, fates } = await tickets.published();
    expect(events.map(({ message }) => message?.id).sort()).toEqual([...ids].sort());
    expect(fates.map(({ fate }) => fate)).toEqual(ids.map(() => 'accepted'));
  };
  const sample = (tenant: string, count = 20): InboundMessageV1[] =>
    Array.from({ length: count }, (_, n) => sampleChat(`${tenant}-${n}`, `${tenant}-c${n % 3}`, { tenant }));

  it.each([
    ['a deadlock', '40P01'],
    ['a serialisation failure', '40001'],
    ['a statement timeout', '57014'],
    ['a full disk', '53100'],
    ['no memory', '53200'],
    ['a transaction that stood still', '25P03'],
    ['a connection cut in the middle', 'cut'],
  ])('%s makes the batch come again and loses and doubles nothing', async (_name, what) => {
    const tenant = `again-${what.toLowerCase()}`;
    const messages = sample(tenant);
    // Deadlocks and serialisation failures are run again within the transaction, five times at most.
    await setTrap(what.startsWith('40') ? 6 : 2, what);
    const { letters, turns } = await consume(tickets.intake, messages, tickets.clock);
    expect(letters).toEqual([]);
    expect(turns).toBe(what.startsWith('40') ? 2 : 3);
    await expectOnce(tenant, messages);
  });

  it('a connection cut by the commit itself, before and behind it, loses and doubles nothing', async () => {
    const before = sample('cut-before');
    await setTrap(1, 'cut', 'AFTER INSERT ON tickets.messages DEFERRABLE INITIALLY DEFERRED');
    expect(await consume(tickets.intake, before, tickets.clock)).toEqual({ letters: [], turns: 2 });
    await expectOnce('cut-before', before);

    let cuts = 1;
    const database: Database = {
      ...tickets.database,
      transaction: async (tenant, work) => {
        const result = await tickets.database.transaction(tenant, work);
        if (cuts-- > 0) throw new Error('Connection terminated unexpectedly');
        return result;
      },
    };
    const behind = sample('cut-behind');
    const intake = createIntake({ ...tickets, database });
    expect(await consume(intake, behind, tickets.clock)).toEqual({ letters: [], turns: 2 });
    await expectOnce('cut-behind', behind);
  });

  it('a real deadlock with somebody who locks in another order ends by itself', async () => {
    const first = sample('circle', 3);
    await tickets.intake.handleBatch(first);
    await tickets.published();
    const { rows } = await tickets.database.transaction('circle', (client) =>
      client.query<{ id: string }>('SELECT id FROM tickets.tickets ORDER BY id'),
    );
    const [low, high] = [rows[0]?.id, rows.at(-1)?.id];
    const stranger = new pg.Client(tickets.database.pool.options);
    await stranger.connect();
    try {
      const lock = (id: string | undefined) =>
        stranger.query('SELECT 1 FROM tickets.tickets WHERE id = $1 FOR UPDATE', [id]);
      await stranger
        .query("BEGIN; SET LOCAL fanin.tenant = 'circle'; SET LOCAL deadlock_timeout = '60s'")
        .catch(async () => {
          // Only a superuser may say who gives way; without that either of the two may.
          await stranger.query("ROLLBACK; BEGIN; SET LOCAL fanin.tenant = 'circle'");
        });
      await lock(high);
      const more = first.map((message, n) =>
        sampleChat(`circle-more-${n}`, message.conversation_key, { tenant: 'circle' }),
      );
      const consumed = consume(tickets.intake, more, tickets.clock);
      await untilWaiting(tickets.database.pool);
      await lock(low).catch(() => undefined);
      await stranger.query('ROLLBACK');
      expect((await consumed).letters).toEqual([]);
      await expect(tickets.published()).resolves.toMatchObject({ events: { length: 3 }, fates: { length: 3 } });
    } finally {
      await stranger.end();
    }
  });

  it('one row that no database takes is set aside and its neighbours are stored; without the settler none is', async () => {
    await tickets.database.pool.query(
      "ALTER TABLE tickets.messages ADD CONSTRAINT poison CHECK (text NOT LIKE '%poison%') NOT VALID",
    );
    try {
      const messages = sample('one-row').map((message, n) => (n === 7 ? { ...message, text: 'poison' } : message));
      await expect(tickets.intake.handleBatch(messages)).rejects.toMatchObject({ code: '23514' });
      expect((await tickets.published()).fates).toEqual([]);
      const { letters, turns } = await consume(tickets.intake, messages, tickets.clock);
      expect(turns).toBe(1);
      expect(letters).toHaveLength(1);
      expect(letters[0]?.headers?.['ce_id']).toBe('delivery-one-row-7.0');
      await expectOnce(
        'one-row',
        messages.filter(({ text }) => text !== 'poison'),
      );
    } finally {
      await tickets.database.pool.query('ALTER TABLE tickets.messages DROP CONSTRAINT poison');
    }
  });

  it('the id of a message of another tenant is set aside, not taken for a race', async () => {
    const [mine, ...others] = sample('owner');
    if (mine === undefined) throw new Error('no sample');
    await tickets.intake.handleBatch([mine]);
    const forged = { ...(others[0] ?? mine), tenant: 'thief', message_id: mine.message_id };
    // A race that is none ends as BUG.
    await expect(tickets.intake.handleBatch([forged])).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
    const { letters } = await consume(tickets.intake, [forged, ...others.slice(1)], tickets.clock);
    expect(letters.map(({ headers }) => headers?.['x-fanin-dlq-code'])).toEqual(['BAD_PAYLOAD']);
  });
});

async function untilWaiting(pool: pg.Pool): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline;) {
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted');
    if ((rows[0]?.n ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody waits for a lock');
}
