import type { Bus, OutgoingRecord } from '@fanin/bus';
import type { EncodedRecord } from '@fanin/contracts';
import { createSystemClock, FaninError, noMetrics, silentLogger } from '@fanin/kernel';
import { alterStatements, startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { prepareServiceRole } from '../database/service-role.js';
import { createOutbox } from './postgres-outbox.js';
import { startOutboxRelay, type OutboxRelay } from './outbox-relay.js';
import { packRecords, unpackRecords } from './outbox-rows.js';

const clock = createSystemClock();

/** A log that only writes down; everything else of the port is out of reach of the relay. */
class RecordingLog {
  readonly taken: { topic: string; record: OutgoingRecord }[] = [];
  refuse: (record: OutgoingRecord) => FaninError | undefined = () => undefined;

  async publish(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    for (const record of records) {
      const error = this.refuse(record);
      if (error !== undefined) throw error;
    }
    this.taken.push(...records.map((record) => ({ topic, record })));
  }

  values(topic: string): string[] {
    return this.taken.filter((one) => one.topic === topic).map(({ record }) => String(record.value));
  }
}

const record = (value: string, key = 'k'): EncodedRecord => ({
  key,
  value: Buffer.from(value),
  headers: { ce_id: value },
  timestampMs: 5,
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await clock.sleep(10);
  }
}

describe('outbox', () => {
  let server: TestDatabase;
  let database: Database;
  let relays: OutboxRelay[] = [];

  beforeAll(async () => {
    server = await startTestDatabase();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART],
      clock,
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop(1_000)));
    relays = [];
    await database.pool.query('DELETE FROM platform.outbox');
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const relay = (log: RecordingLog, service = 'one', pollMs = 60_000): OutboxRelay => {
    const started = startOutboxRelay({
      database,
      bus: log as unknown as Bus,
      service,
      clock,
      logger: silentLogger,
      metrics: noMetrics,
      pollMs,
    });
    relays.push(started);
    return started;
  };
  const add = (service: string, topic: string, ...values: string[]): Promise<void> =>
    database.transaction('*', (client) =>
      createOutbox(service).add(
        client,
        topic,
        values.map((value) => record(value)),
      ),
    );
  const waiting = async (): Promise<number> =>
    Number((await database.pool.query('SELECT count(*) AS n FROM platform.outbox')).rows[0].n);

  it('keeps keys, headers, times and bytes of records in a row', () => {
    const records = [record('a'), { ...record('b'), value: Buffer.from([0, 255, 10]) }];
    expect(unpackRecords(packRecords(records))).toEqual(records);
  });

  it('publishes what a transaction added, in order, woken by its commit, and deletes it', async () => {
    const log = new RecordingLog();
    relay(log);
    for (let i = 0; i < 20; i += 1) await add('one', i % 2 === 0 ? 'even' : 'odd', `${i}`, `${i}b`);
    await until(async () => (await waiting()) === 0);
    expect(log.values('even')).toEqual(Array.from({ length: 10 }, (_, i) => [`${2 * i}`, `${2 * i}b`]).flat());
    expect(log.taken[0]?.record).toMatchObject({ key: 'k', headers: { ce_id: '0' }, timestampMs: 5 });
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const log = new RecordingLog();
    relay(log);
    await database
      .transaction('*', async (client) => {
        await createOutbox('one').add(client, 't', [record('never')]);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await add('one', 't', 'after');
    await until(() => log.taken.length > 0);
    expect(log.values('t')).toEqual(['after']);
  });

  it('keeps rows while the log is away and goes on in order', async () => {
    const log = new RecordingLog();
    log.refuse = () => new FaninError('TRANSIENT', 'away');
    relay(log);
    for (const value of ['1', '2', '3']) await add('one', 't', value);
    expect(await waiting()).toBe(3);
    log.refuse = () => undefined;
    await until(async () => (await waiting()) === 0);
    expect(log.values('t')).toEqual(['1', '2', '3']);
  });

  it('lets one relay of a service work at a time, and another take over', async () => {
    const logs = [new RecordingLog(), new RecordingLog()] as const;
    const first = relay(logs[0], 'one', 50);
    await add('one', 't', '1');
    await until(() => logs[0].taken.length === 1);
    relay(logs[1], 'one', 50);
    for (let i = 2; i < 10; i += 1) await add('one', 't', `${i}`);
    await until(() => logs[0].taken.length === 9);
    expect(logs[1].taken).toEqual([]);
    await first.stop(1_000);
    await add('one', 't', 'next');
    await until(() => logs[1].values('t').includes('next'));
  });

  it('leaves the rows of other services alone', async () => {
    const log = new RecordingLog();
    relay(log);
    await add('two', 't', 'theirs');
    await add('one', 't', 'ours');
    await until(() => log.taken.length > 0);
    expect(log.values('t')).toEqual(['ours']);
    // A row goes when it has been published.
    await until(async () => (await waiting()) === 1);
    expect((await database.pool.query('SELECT service FROM platform.outbox')).rows).toEqual([{ service: 'two' }]);
  });

  it('sets a record aside that the log refuses for good, and only that one', async () => {
    const log = new RecordingLog();
    log.refuse = ({ value }) => (String(value) === 'huge' ? new FaninError('BAD_PAYLOAD', 'too large') : undefined);
    relay(log);
    await add('one', 't', 'a', 'huge', 'b');
    await add('one', 't', 'c');
    await until(() => log.values('t').includes('c'));
    expect(log.values('t')).toEqual(['a', 'b', 'c']);
    await until(async () => (await waiting()) === 1);
    const kept = await database.pool.query('SELECT failed, records FROM platform.outbox');
    expect(kept.rows[0].failed).toBe('too large');
    expect(unpackRecords(kept.rows[0].records).map(({ value }) => String(value))).toEqual(['huge']);
  });

  it('publishes what is left before it stops', async () => {
    const log = new RecordingLog();
    for (let i = 0; i < 250; i += 1) await add('one', 't', `${i}`);
    await relay(log).stop(5_000);
    expect(await waiting()).toBe(0);
    expect(log.taken).toHaveLength(250);
  });

  it('goes on after its connection was cut', async () => {
    const log = new RecordingLog();
    relay(log, 'one', 50);
    await add('one', 't', '1');
    await until(() => log.taken.length === 1);
    await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fanin-outbox-one'",
    );
    await add('one', 't', '2');
    await until(() => log.values('t').includes('2'));
  });

  it('publishes nothing that it had read ahead once its connection, and with it its lease, is lost', async () => {
    const log = new RecordingLog();
    const names = Array.from({ length: 150 }, (_, i) => `${i}`);
    for (const name of names) await add('one', 't', name);
    // The report stands between reading the second hundred and publishing it.
    const lost: string[] = [];
    const restore = alterStatements(
      [[' AS refused,', ' AS refused, pg_terminate_backend(pg_backend_pid()),']],
      (statement) => {
        lost.push(statement);
        restore();
      },
    );
    relay(log, 'one', 50);
    await until(async () => (await waiting()) === 0);
    expect(lost).toHaveLength(1);
    expect(log.values('t')).toEqual(names);
  });
});
