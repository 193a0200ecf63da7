import { createSystemClock, silentLogger } from '@fanin/kernel';
import { openDatabase, PLATFORM_PART, prepareServiceRole } from '@fanin/platform';
import { cpuWithDatabase, median, type Figure } from '@fanin/test-kit';
import pg from 'pg';
import { ANALYTICS_PART } from '../analytics-part.js';
import { MetricsReader } from '../metrics-reader.js';
import { fillAnalytics } from '../spec-support/fill-analytics.js';

const EVENTS = 1_000_000;
const ROUNDS = 5;

/** What a person would type: how often each thing happened, and the median and 90th percentile of its durations. */
const BARE = `SELECT kind, count(*), percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds) FROM analytics.happenings GROUP BY kind`;

/**
 * The dashboard's figures over a million events (counts, backlog, exact percentiles of four durations, each also by channel)
 * under the tenant's row-level security, against one bare pass over the same rows by an administrator. In turns; medians.
 */
export async function benchFacts({ databaseUrl }: { readonly databaseUrl: string }): Promise<Figure> {
  const database = await openDatabase({
    url: await prepareServiceRole(databaseUrl),
    parts: [PLATFORM_PART, ANALYTICS_PART],
    clock: createSystemClock(),
    logger: silentLogger,
    poolSize: 1,
  });
  const bare = new pg.Client({ connectionString: databaseUrl });
  await bare.connect();
  try {
    await fillAnalytics(database, EVENTS);
    const reader = new MetricsReader(database);
    const cpu = await cpuWithDatabase(databaseUrl);
    const rounds: { ours: Cost; limit: Cost }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const limit = await costOf(cpu, () => bare.query(BARE));
      const ours = await costOf(cpu, () => reader.summary('shop', {}));
      // The first round reads the table into memory.
      if (round > 0) rounds.push({ ours, limit });
    }
    const rate = (of: (round: { ours: Cost; limit: Cost }) => number): number =>
      Math.round(EVENTS / median(rounds.map(of)));
    const cpus = [rate(({ ours }) => ours.cpuSeconds), rate(({ limit }) => limit.cpuSeconds)];
    return {
      value: rate(({ ours }) => ours.seconds),
      limit: rate(({ limit }) => limit.seconds),
      ratio: median(rounds.map(({ ours, limit }) => limit.seconds / ours.seconds)),
      unit: `events/s, ${EVENTS.toLocaleString('en')} stored; the work is the database's, one connection; events per CPU-second of both ${cpus[0]}, bare ${cpus[1]}`,
    };
  } finally {
    await bare.end();
    await database.close();
  }
}

interface Cost {
  readonly seconds: number;
  /** Of the database and this process. */
  readonly cpuSeconds: number;
}

async function costOf(cpu: () => number, work: () => Promise<unknown>): Promise<Cost> {
  const [started, before] = [performance.now(), cpu()];
  await work();
  return { seconds: (performance.now() - started) / 1_000, cpuSeconds: cpu() - before };
}
