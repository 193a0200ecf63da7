import { createSystemClock, silentLogger } from '@fanin/kernel';
import { openDatabase, PLATFORM_PART, prepareServiceRole } from '@fanin/platform';
import { median, type Figure } from '@fanin/test-kit';
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
    const rounds: { ours: number; limit: number }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const limit = await seconds(() => bare.query(BARE));
      const ours = await seconds(() => reader.summary('shop', {}));
      // The first round reads the table into memory.
      if (round > 0) rounds.push({ ours, limit });
    }
    return {
      value: Math.round(EVENTS / median(rounds.map(({ ours }) => ours))),
      limit: Math.round(EVENTS / median(rounds.map(({ limit }) => limit))),
      ratio: median(rounds.map(({ ours, limit }) => limit / ours)),
      unit: `events/s, ${EVENTS.toLocaleString('en')} stored; the work is the database's, one connection`,
    };
  } finally {
    await bare.end();
    await database.close();
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
