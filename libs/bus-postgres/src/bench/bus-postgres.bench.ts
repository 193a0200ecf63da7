import type { Bus, OutgoingRecord, Subscription } from '@fanin/bus';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import pg from 'pg';
import { createPostgresBus } from '../postgres-bus.js';

export interface BenchResult {
  readonly value: number;
  /** What the database does when asked for nothing but this, in the same run. */
  readonly limit: number;
  readonly ratio: number;
  readonly unit: string;
}

export interface BusBench {
  readonly publish: BenchResult;
  readonly consume: BenchResult;
}

const RECORDS = 30_000;
const BATCH = 500;
const PARTITIONS = 12;

function records(from: number, count: number, value: Buffer): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `conversation-${(from + i) % 997}`,
    value,
    headers: { ce_id: String(from + i), ce_type: 'bench' },
  }));
}

async function rate(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round(RECORDS / ((performance.now() - started) / 1_000));
}

/** 500 rows a statement from two connections, nothing else: no offsets to give out, no partitions, no headers. */
async function bareInsert(pool: pg.Pool, value: Buffer): Promise<void> {
  await pool.query('CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text, value bytea)');
  const keys = Array.from({ length: BATCH }, (_, i) => `conversation-${i}`);
  const values = keys.map(() => value);
  const one = async (): Promise<void> => {
    for (let done = 0; done < RECORDS / 2; done += BATCH) {
      await pool.query('INSERT INTO bare (key, value) SELECT * FROM unnest($1::text[], $2::bytea[])', [keys, values]);
    }
  };
  await Promise.all([one(), one()]);
}

async function bareSelect(pool: pg.Pool): Promise<void> {
  for (let after = 0; after < RECORDS;) {
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id, key, value FROM bare WHERE id > $1 ORDER BY id LIMIT $2',
      [after, BATCH],
    );
    after = Number(rows.at(-1)?.id ?? RECORDS);
  }
}

async function publishAll(bus: Bus, value: Buffer): Promise<void> {
  const producer = async (from: number): Promise<void> => {
    for (let at = from; at < from + RECORDS / 4; at += BATCH)
      await bus.publish('bench', records(at, BATCH, value), { timeoutMs: 30_000 });
  };
  await Promise.all([0, 1, 2, 3].map((n) => producer((n * RECORDS) / 4)));
}

async function consumeAll(bus: Bus, group: string): Promise<() => Promise<void>> {
  let seen = 0;
  let subscription: Subscription | undefined;
  await new Promise<void>((resolve, reject) => {
    const handler = async (batch: { records: readonly unknown[] }): Promise<void> => {
      seen += batch.records.length;
      if (seen >= RECORDS) resolve();
    };
    void bus.subscribe({ topics: ['bench'], group, handler, maxRecords: BATCH }).then((made) => {
      subscription = made;
      made.failed.catch(reject);
    }, reject);
  });
  return () => subscription?.stop() ?? Promise.resolve();
}

/** Records of 1 KiB a second through the log, beside bare SQL on the same database. */
export async function benchBus(url: string): Promise<BusBench> {
  const value = Buffer.alloc(1_024, 'x');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  const bus = createPostgresBus({
    url,
    schema: 'bus_bench',
    clock: createSystemClock(),
    logger: silentLogger,
    metrics: noMetrics,
  });
  try {
    await pool.query('DROP TABLE IF EXISTS bare; DROP SCHEMA IF EXISTS bus_bench CASCADE');
    await bus.ensureTopics([{ name: 'bench', partitions: PARTITIONS, retentionMs: -1, cleanup: 'delete' }]);
    const result = (measured: number, limit: number): BenchResult => ({
      value: measured,
      limit,
      ratio: Math.round((measured / limit) * 100) / 100,
      unit: 'records/s of 1 KiB',
    });
    const insertLimit = await rate(() => bareInsert(pool, value));
    const published = await rate(() => publishAll(bus, value));
    // Reading is over in a second, so chance weighs: both sides three times in turn, the best of each.
    let selectLimit = 0;
    let consumed = 0;
    for (const group of ['first', 'second', 'third']) {
      selectLimit = Math.max(selectLimit, await rate(() => bareSelect(pool)));
      let leave: () => Promise<void> = () => Promise.resolve();
      consumed = Math.max(consumed, await rate(async () => void (leave = await consumeAll(bus, group))));
      await leave();
    }
    return { publish: result(published, insertLimit), consume: result(consumed, selectLimit) };
  } finally {
    await bus.close();
    await pool.query('DROP TABLE IF EXISTS bare; DROP SCHEMA IF EXISTS bus_bench CASCADE');
    await pool.end();
  }
}

/** The figure of `npm run bench`: the weaker of the two directions. */
export async function benchBusPostgres({ databaseUrl }: { readonly databaseUrl: string }): Promise<BenchResult> {
  const { publish, consume } = await benchBus(databaseUrl);
  return publish.ratio < consume.ratio ? publish : consume;
}
