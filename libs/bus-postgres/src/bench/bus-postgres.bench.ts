import type { Bus, OutgoingRecord, Subscription } from '@fanin/bus';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { cpuWithDatabase, type Figure, median } from '@fanin/test-kit';
import pg from 'pg';
import { createPostgresBus } from '../postgres-bus.js';

const RECORDS = 30_000;
const BATCH = 500;
const PARTITIONS = 12;
const TURNS = 5;

function records(from: number, count: number, value: Buffer): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `conversation-${(from + i) % 997}`,
    value,
    headers: { ce_id: String(from + i), ce_type: 'bench' },
  }));
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
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

async function publishAll(bus: Bus, topic: string, value: Buffer): Promise<void> {
  const producer = async (from: number): Promise<void> => {
    for (let at = from; at < from + RECORDS / 4; at += BATCH)
      await bus.publish(topic, records(at, BATCH, value), { timeoutMs: 30_000 });
  };
  await Promise.all([0, 1, 2, 3].map((n) => producer((n * RECORDS) / 4)));
}

async function consumeAll(bus: Bus, topic: string): Promise<() => Promise<void>> {
  let seen = 0;
  let subscription: Subscription | undefined;
  await new Promise<void>((resolve, reject) => {
    const handler = async (batch: { records: readonly unknown[] }): Promise<void> => {
      seen += batch.records.length;
      if (seen >= RECORDS) resolve();
    };
    void bus.subscribe({ topics: [topic], group: topic, handler, maxRecords: BATCH }).then((made) => {
      subscription = made;
      made.failed.catch(reject);
    }, reject);
  });
  return () => subscription?.stop() ?? Promise.resolve();
}

interface Turn {
  readonly insert: number;
  readonly select: number;
  readonly publish: number;
  readonly consume: number;
  /** CPU seconds of this process and the database. */
  readonly bareCpu: number;
  readonly busCpu: number;
}

/** One turn: bare SQL, then the bus, each on tables of its own that nobody used before. */
async function turnOf(surroundings: Surroundings, number: number): Promise<Turn> {
  const { pool, bus, value, cpu } = surroundings;
  const topic = `bench${number}`;
  await pool.query('DROP TABLE IF EXISTS bare');
  await bus.ensureTopics([{ name: topic, partitions: PARTITIONS, retentionMs: -1, cleanup: 'delete' }]);
  const began = cpu();
  const insert = await seconds(() => bareInsert(pool, value));
  const select = await seconds(() => bareSelect(pool));
  const half = cpu();
  const publish = await seconds(() => publishAll(bus, topic, value));
  let leave: () => Promise<void> = () => Promise.resolve();
  const consume = await seconds(async () => void (leave = await consumeAll(bus, topic)));
  const busCpu = cpu() - half;
  await leave();
  return { insert, select, publish, consume, bareCpu: half - began, busCpu };
}

interface Surroundings {
  readonly pool: pg.Pool;
  readonly bus: Bus;
  readonly value: Buffer;
  readonly cpu: () => number;
}

/**
 * Records of 1 KiB into the log and out of it again, over 12 partitions, against the same records through one plain table:
 * multi-row inserts from two connections, then an ordered select. The two in turns; medians.
 */
export async function benchBusPostgres({ databaseUrl }: { readonly databaseUrl: string }): Promise<Figure> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  const bus = createPostgresBus({
    url: databaseUrl,
    schema: 'bus_bench',
    clock: createSystemClock(),
    logger: silentLogger,
    metrics: noMetrics,
  });
  try {
    await pool.query('DROP SCHEMA IF EXISTS bus_bench CASCADE');
    const cpu = await cpuWithDatabase(databaseUrl);
    const turns: Turn[] = [];
    for (let number = 0; number <= TURNS; number += 1) {
      const turn = await turnOf({ pool, bus, value: Buffer.alloc(1_024, 'x'), cpu }, number);
      // The first compiles both sides.
      if (number > 0) turns.push(turn);
    }
    return resultOf(turns);
  } finally {
    await bus.close();
    await pool.query('DROP TABLE IF EXISTS bare; DROP SCHEMA IF EXISTS bus_bench CASCADE');
    await pool.end();
  }
}

function resultOf(turns: readonly Turn[]): Figure {
  const of = (pick: (turn: Turn) => number): number => median(turns.map(pick));
  const perSecond = (one: number): number => Math.round(RECORDS / one);
  const perCpu = (pick: (turn: Turn) => number): string => (Number.isNaN(of(pick)) ? '?' : String(perSecond(of(pick))));
  return {
    value: perSecond(of(({ publish, consume }) => publish + consume)),
    limit: perSecond(of(({ insert, select }) => insert + select)),
    ratio: of(({ insert, select, publish, consume }) => (insert + select) / (publish + consume)),
    unit: [
      'records of 1 KiB/s, in and out again; this process and the database on the same cores',
      `in ${perSecond(of(({ publish }) => publish))} (bare ${perSecond(of(({ insert }) => insert))})`,
      `out ${perSecond(of(({ consume }) => consume))} (bare ${perSecond(of(({ select }) => select))})`,
      `per CPU-second of both ${perCpu(({ busCpu }) => busCpu)} (bare ${perCpu(({ bareCpu }) => bareCpu)})`,
    ].join('; '),
  };
}
