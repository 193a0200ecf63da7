import { collect, makeTopic, numbered, partitionsHeld, text, uniqueTopic, until, valueOf } from '@fanin/bus';
import type { Bus } from '@fanin/bus';
import { startEmbeddedPostgres } from '@fanin/embedded-postgres';
import type { Clock, Metrics } from '@fanin/kernel';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { alterStatements, startTcpProxy, startTestDatabase, temporaryFolder } from '@fanin/test-kit';
import type { TcpProxy, TestDatabase } from '@fanin/test-kit';
import pg from 'pg';
import { AppendArguments } from './append.js';
import type { PostgresBusOptions } from './options.js';
import type { PostgresBus } from './postgres-bus.js';
import { createPostgresBus } from './postgres-bus.js';

const dependencies = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };

describe('the log in PostgreSQL', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  let buses: PostgresBus[];
  let lines: TcpProxy[];

  beforeAll(async () => {
    database = await startTestDatabase();
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
  }, 60_000);

  beforeEach(() => {
    buses = [];
    lines = [];
  });

  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await Promise.all(lines.map((line) => line.close()));
  });

  afterAll(async () => {
    await admin.end();
    await database.stop();
  });

  const open = (options: Partial<PostgresBusOptions> = {}): PostgresBus => {
    const bus = createPostgresBus({ url: database.url, ...dependencies, maintenance: { everyMs: 0 }, ...options });
    buses.push(bus);
    return bus;
  };

  const openThroughLine = async (options: Partial<PostgresBusOptions> = {}): Promise<[PostgresBus, TcpProxy]> => {
    const url = new URL(database.url);
    const line = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    lines.push(line);
    url.port = String(line.port);
    return [open({ url: url.href, ...options }), line];
  };

  const topicId = async (name: string): Promise<number> => {
    const { rows } = await admin.query<{ id: number }>('SELECT id FROM bus.topic WHERE name = $1', [name]);
    return rows[0]?.id as number;
  };

  const tablesOf = async (name: string): Promise<string[]> => {
    const sql = 'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1';
    const { rows } = await admin.query<{ name: string }>(sql, [`bus.log_${await topicId(name)}`]);
    return rows.map((row) => row.name);
  };

  const readAll = async (bus: Bus, topic: string): Promise<string[]> =>
    (await bus.read(topic, 0, { fromOffset: 0n, limit: 1_000 })).map((record) => `${record.offset}=${valueOf(record)}`);

  it('lets a group join while the records of others hold every connection', async () => {
    const [first, second] = [uniqueTopic(), uniqueTopic()];
    for (const topic of [first, second]) await makeTopic(open(), 1, topic);
    let turns = 0;
    const clock: Clock = {
      ...dependencies.clock,
      sleep: (ms, signal) => {
        if (ms === 200) turns += 1;
        return dependencies.clock.sleep(ms, signal);
      },
    };
    const bus = open({ connections: 1, clock });
    await bus.publish(first, [text('a', '0')]);
    await admin.query('BEGIN');
    await admin.query('LOCK TABLE bus.partition IN ACCESS EXCLUSIVE MODE');
    const publishing = bus.publish(first, [text('a', '1')], { timeoutMs: 20_000 });
    const joining = collect(bus, { topics: [second], group: 'late' });
    joining.catch(() => undefined);
    await until('it waits its turn', () => turns > 0);
    await admin.query('COMMIT');
    await publishing;
    await bus.publish(second, [text('b', 'came')]);
    const group = await joining;
    await until('its record', () => group.values().includes('came'));
  }, 60_000);

  it('gives the next offset only once the transaction before has committed', async () => {
    const bus = open();
    const topic = await makeTopic(bus, 1);
    const group = await collect(bus, { topics: [topic], group: 'late' });
    const args = new AppendArguments();
    args.addLane(await topicId(topic), { topic, partition: 0, records: [text('a', 'first, committed late')] });
    // A connection of its own: what pg_stat_activity shows stays the same within a transaction.
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    try {
      await slow.query('BEGIN');
      await slow.query('SELECT bus.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', args.values());
      let published = false;
      const second = bus.publish(topic, [text('a', 'second')], { timeoutMs: 15_000 }).then(() => (published = true));
      const waiting = async (): Promise<boolean> => {
        const { rowCount } = await admin.query(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%.append(%'",
        );
        return rowCount === 1;
      };
      await until('the second append waits for the first', waiting);
      expect(published).toBe(false);
      expect(await bus.read(topic, 0, { limit: 10 })).toEqual([]);
      await slow.query('COMMIT');
      await second;
    } finally {
      await slow.end();
    }
    await until('both', () => group.records.length === 2);
    expect(group.values()).toEqual(['first, committed late', 'second']);
  });

  it.each([
    { how: 'with it nothing is handled again', changes: [], isAgain: false },
    {
      how: 'without it the position goes back, and what was handled is handled again',
      changes: [[' AND epoch = $4 AND holder = $6', ' AND ($4::bigint, $6::uuid) IS NOT NULL']],
      isAgain: true,
    },
  ] as const)(
    'the fence refuses the commit of a member that was frozen while another took its partition: $how',
    async ({ changes, isAgain }) => {
      const made: string[] = [];
      const restore = alterStatements(changes, (of) => made.push(of));
      try {
        const sessionMs = 3_000;
        const [frozen, line] = await openThroughLine({ sessionMs });
        const living = open({ sessionMs });
        const topic = await makeTopic(living, 1);
        await living.publish(topic, numbered(10, 1));
        let release: () => void = () => undefined;
        const gate = new Promise<void>((resolve) => (release = resolve));
        const signals: AbortSignal[] = [];
        const first = await collect(frozen, {
          topics: [topic],
          group: 'frozen',
          maxRecords: 10,
          before: (_, context) => {
            signals.push(context.signal);
            return gate;
          },
        });
        await until('in work', () => signals.length === 1);
        line.freeze();
        const second = await collect(living, { topics: [topic], group: 'frozen', maxRecords: 5 });
        await until('taken over', () => second.records.length >= 10, 20_000);
        await living.publish(topic, numbered(3, 1, 10));
        await until('going on', () => second.records.length >= 13);
        await until('committed', async () => (await living.positions(topic, 'frozen'))[0]?.committed === 13n);
        line.mend();
        release();
        await until('the frozen one knows', () => signals[0]?.aborted === true, 10_000);
        const [position] = await living.positions(topic, 'frozen');
        expect(isAgain ? [10n, 13n] : [13n]).toContain(position?.committed);
        expect(partitionsHeld(second, topic)).toEqual([0]);
        await first.stop();
        await second.stop();
        const third = await collect(open(), { topics: [topic], group: 'frozen' });
        await living.publish(topic, numbered(1, 1, 13));
        await until('the next one reads on', () => third.records.some(({ offset }) => offset === 13n));
        const later = [first, second, third].flatMap(({ records }) => records.filter(({ offset }) => offset >= 10n));
        expect(new Set(later.map(({ offset }) => offset)).size).toBe(4);
        expect(later.length > 4).toBe(isAgain);
        expect(made).toEqual(changes.map(([of]) => of));
      } finally {
        restore();
      }
    },
  );

  it('refuses to publish in time when the server is frozen, and goes on when it wakes', async () => {
    const [bus, line] = await openThroughLine();
    const topic = await makeTopic(bus, 1);
    await bus.publish(topic, [text('a', 'before')]);
    line.freeze();
    const startedAt = performance.now();
    await expect(bus.publish(topic, [text('a', 'during')])).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await bus.reachable(300)).toBe(false);
    line.mend();
    await bus.publish(topic, [text('a', 'after')], { timeoutMs: 10_000 });
    expect((await readAll(bus, topic)).at(-1)).toMatch(/=after$/);
  });

  it('drops whole segments past retention, never the open one, and tells a group what it missed', async () => {
    const missed: number[] = [];
    const metrics: Metrics = {
      ...noMetrics,
      count: (name, _labels, by) => void (name === 'fanin_bus_missed_records_total' && missed.push(by ?? 1)),
    };
    const bus = open({ metrics, maintenance: { everyMs: 0, segmentMs: 0 } });
    const topic = uniqueTopic();
    await bus.ensureTopics([{ name: topic, partitions: 1, retentionMs: 3_000, cleanup: 'delete' }]);
    await bus.publish(topic, numbered(2, 1));
    const group = await collect(bus, { topics: [topic], group: 'away' });
    await until('read', () => group.records.length === 2);
    await group.stop();
    await bus.publish(topic, numbered(3, 1, 2));
    await bus.maintain();
    expect(await tablesOf(topic)).toHaveLength(2);
    await bus.publish(topic, numbered(2, 1, 5));
    await until('dropped', async () => {
      await bus.maintain();
      return (await bus.positions(topic, 'away'))[0]?.earliest === 7n;
    });
    await bus.publish(topic, numbered(1, 1, 7));
    expect(await readAll(bus, topic)).toEqual(['7=7']);
    const back = await collect(bus, { topics: [topic], group: 'away' });
    await until('goes on with what is left', () => back.values().includes('7'));
    expect(missed).toEqual([5]);
  });

  it('compacts to the newest record of each key, and forgets tombstones in time', async () => {
    const keeping = open({ maintenance: { everyMs: 0, segmentMs: 0 } });
    const bus = open({ maintenance: { everyMs: 0, segmentMs: 0, tombstoneMs: 0 } });
    const topic = uniqueTopic();
    await bus.ensureTopics([{ name: topic, partitions: 1, retentionMs: -1, cleanup: 'compact' }]);
    await bus.publish(topic, [text('a', '1'), text('b', '1'), text('c', '1'), text('a', '2')]);
    await keeping.maintain();
    await bus.publish(topic, [text('b', '2'), { key: 'c', value: null }]);
    await keeping.maintain();
    await bus.publish(topic, [text('d', '1')]);
    expect(await readAll(bus, topic)).toEqual(['3=2', '4=2', '5=', '6=1']);
    await bus.maintain();
    await bus.publish(topic, [text('a', '3')]);
    await bus.maintain();
    expect(await readAll(bus, topic)).toEqual(['4=2', '6=1', '7=3']);
    expect((await tablesOf(topic)).length).toBeLessThanOrEqual(2);
    const group = await collect(bus, { topics: [topic], group: 'state' });
    await until('state', () => group.records.length === 3);
    expect((await bus.positions(topic, 'state'))[0]).toMatchObject({ earliest: 4n, end: 8n });
  });

  it('ends a batch where its bytes are enough, and lets one large record pass alone', async () => {
    const bus = open({ maxBatchBytes: 100_000 });
    const topic = await makeTopic(bus, 1);
    const sizes = [30_000, 30_000, 30_000, 300_000, 10, 10];
    await bus.publish(
      topic,
      sizes.map((size) => ({ key: 'a', value: Buffer.alloc(size) })),
      { timeoutMs: 10_000 },
    );
    const batches: number[][] = [];
    const group = await collect(bus, {
      topics: [topic],
      group: 'sized',
      before: async (batch) => void batches.push(batch.records.map((record) => record.value?.length ?? 0)),
    });
    await until('all', () => group.records.length === 6);
    expect(batches.flat()).toEqual(sizes);
    for (const batch of batches.slice(1))
      expect(batch.length === 1 || batch.slice(0, -1).reduce((sum, size) => sum + size, 0) < 100_000).toBe(true);
    expect(batches.length).toBeGreaterThan(1);
  });

  it('holds few connections however many subscriptions there are', async () => {
    const bus = open({ schema: 'bus_few' });
    const topics = await Promise.all([1, 2, 3, 4, 5, 6].map(() => makeTopic(bus, 6)));
    const groups = await Promise.all(topics.map((topic) => collect(bus, { topics: [topic], group: topic })));
    await Promise.all(topics.map((topic) => bus.publish(topic, numbered(60, 30), { timeoutMs: 10_000 })));
    await until('all read', () => groups.every((group) => group.records.length === 60));
    const sql =
      "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'fanin-bus' AND datname = current_database()";
    const { rows } = await admin.query<{ open: number }>(sql);
    expect(rows[0]?.open).toBeLessThanOrEqual(5);
  });

  it('has closed every connection when it is closed, so that the server may be stopped right after', async () => {
    const sql =
      "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'fanin-bus' AND datname = current_database()";
    const counts: (number | undefined)[] = [];
    for (let round = 0; round < 5; round += 1) {
      const bus = open({ connections: 8 });
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => makeTopic(bus, 2)));
      await bus.close();
      counts.push((await admin.query<{ open: number }>(sql)).rows[0]?.open);
    }
    expect(counts).toEqual([0, 0, 0, 0, 0]);
  });

  it('refuses a schema that a newer program wrote, and a name that is none', async () => {
    const bus = open({ schema: 'bus_newer' });
    await makeTopic(bus, 1);
    await admin.query('UPDATE bus_newer.schema_version SET version = 99');
    await expect(open({ schema: 'bus_newer' }).positions('x', 'y')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('99') as string,
    });
    expect(() => createPostgresBus({ url: database.url, ...dependencies, schema: 'bus; drop' })).toThrow(/schema name/);
  });

  it('does not wait for a dead member whose time ends far ahead, because the clock was set back', async () => {
    const bus = open();
    const topic = await makeTopic(bus, 2);
    const first = await collect(bus, { topics: [topic], group: 'set-back' });
    await until('both held', () => partitionsHeld(first, topic).length === 2);
    await first.stop();
    const id = '00000000-0000-4000-8000-000000000001';
    await admin.query(
      "INSERT INTO bus.member (group_name, member_id, topics, expires_at) VALUES ('set-back', $1, $2, clock_timestamp() + interval '1 day')",
      [id, [await topicId(topic)]],
    );
    await admin.query("UPDATE bus.claim SET holder = $1 WHERE group_name = 'set-back'", [id]);
    const second = await collect(bus, { topics: [topic], group: 'set-back' });
    await until('both held again', () => partitionsHeld(second, topic).length === 2);
    await second.stop();
  });
});

describe('durability', () => {
  it('keeps every acknowledged record when the server is killed with -9', async () => {
    const folder = await temporaryFolder();
    const first = await startEmbeddedPostgres({ dataDir: folder.path });
    const bus = createPostgresBus({ url: first.url, ...dependencies });
    const topic = await makeTopic(bus, 3);
    const acknowledged: string[] = [];
    let on = true;
    let next = 0;
    const writers = Array.from({ length: 3 }, async () => {
      while (on) {
        const batch = numbered(20, 40, next);
        next += 20;
        await bus.publish(topic, batch, { timeoutMs: 5_000 }).then(
          () => acknowledged.push(...batch.map((record) => String(record.value))),
          () => undefined,
        );
      }
    });
    await until('under way', () => acknowledged.length > 500);
    process.kill(first.pid, 'SIGKILL');
    const before = acknowledged.length;
    const second = await startEmbeddedPostgres({ dataDir: folder.path, port: first.port });
    await until('going on by itself', () => acknowledged.length > before + 500);
    on = false;
    await Promise.all(writers);
    const found = new Set<string>();
    for (const partition of [0, 1, 2]) {
      for (const record of await bus.read(topic, partition, { fromOffset: 0n, limit: 1_000_000 }))
        found.add(valueOf(record));
    }
    expect(acknowledged.filter((value) => !found.has(value))).toEqual([]);
    await bus.close();
    await second.stop();
    await folder.remove();
  }, 60_000);
});
