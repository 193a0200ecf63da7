import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@fanin/bus';
import { TOPICS, topicName, type TopicDeclaration } from '@fanin/contracts';
import pg from 'pg';
import type { SystemUnderTest } from '../system/system.js';

/** Everybody who reads the log; a system with fewer channels has groups that never committed. */
const READERS: readonly (readonly [TopicDeclaration, string])[] = [
  ...['email', 'chat', 'phone', 'social'].flatMap((family) => [
    [TOPICS.rawDeliveries, `${family}-connector.normalise`] as const,
    [TOPICS.outboundMessages, `${family}-connector.deliver`] as const,
  ]),
  [TOPICS.inboundMessages, 'ticket-core.messages'],
  [TOPICS.outboundReceipts, 'ticket-core.receipts'],
  [TOPICS.ticketEvents, 'analytics.facts'],
  [TOPICS.rawDeliveries, 'analytics.deliveries'],
  [TOPICS.fates, 'analytics.fates'],
];

const WAITING = `
  SELECT 'rows in the outbox of ' || service AS what, count(*)::int AS n FROM platform.outbox WHERE failed IS NULL GROUP BY service
  UNION ALL SELECT 'replies in work at ' || channel_slug || ' (' || state || ')', count(*)::int FROM channels.outbound
    WHERE state <> 'done' GROUP BY channel_slug, state
  UNION ALL SELECT 'marks of windows', count(*)::int FROM analytics.window_marks HAVING count(*) > 0
  UNION ALL SELECT 'deliveries in flight', count(*)::int FROM ledger.deliveries d
    WHERE NOT EXISTS (SELECT 1 FROM ledger.fates f WHERE f.delivery_id = d.delivery_id) HAVING count(*) > 0
  UNION ALL SELECT 'media on their way', count(*)::int FROM channels.media WHERE state <> 'done' HAVING count(*) > 0`;

export interface QuietOptions {
  readonly limitMs: number;
  /** Groups of services that are not there are no reason to wait. Default: all are there. */
  readonly without?: readonly string[];
}

export interface Rest {
  /** How long it took to come to it. */
  readonly ms: number;
  /** What moved last, as people would say it; empty when nothing did. */
  readonly last: readonly string[];
}

/**
 * Resolves when nothing moves any more: every group has read everything, outboxes and queues are empty, every delivery has its
 * fate; looked at twice, so that what is between two places is seen. Rejects with what still moves.
 */
export async function untilQuiet(system: SystemUnderTest, { limitMs, without = [] }: QuietOptions): Promise<Rest> {
  const began = performance.now();
  const bus = await system.openBus();
  const client = new pg.Client({ connectionString: system.adminUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    let [ends, last]: [string, readonly string[]] = ['', []];
    for (;;) {
      const seen = await whatMoves(system, bus, client, without).catch((error: unknown) => ({
        moving: [`cannot look: ${error instanceof Error ? error.message : String(error)}`],
        ends: '',
      }));
      if (seen.moving.length === 0 && seen.ends === ends) return { ms: performance.now() - began, last };
      ends = seen.moving.length === 0 ? seen.ends : '';
      if (seen.moving.length > 0) last = seen.moving;
      if (performance.now() - began > limitMs)
        throw new Error(`not quiet within ${limitMs / 1000} s: ${seen.moving.join('; ') || 'records keep coming'}`);
      await sleep(300);
    }
  } finally {
    await client.end().catch(() => undefined);
    await bus.close();
  }
}

/** How many records each reader has before it, and where its topic ends. */
export async function readersOf(
  { topicPrefix }: Pick<SystemUnderTest, 'topicPrefix'>,
  bus: Bus,
  without: readonly string[] = [],
): Promise<readonly { readonly reader: string; readonly lag: number; readonly ends: string }[]> {
  const found = [];
  for (const [topic, reader] of READERS) {
    if (without.includes(reader)) continue;
    const positions = await bus.positions(topicName(topic, topicPrefix), `${topicPrefix}.${reader}`);
    const lag = positions.reduce((sum, { earliest, end, committed }) => sum + (end - (committed ?? earliest)), 0n);
    found.push({ reader, lag: Number(lag), ends: positions.map(({ end }) => end).join() });
  }
  return found;
}

async function whatMoves(
  system: SystemUnderTest,
  bus: Bus,
  client: pg.Client,
  without: readonly string[],
): Promise<{ moving: string[]; ends: string }> {
  const readers = await readersOf(system, bus, without);
  const moving = readers.flatMap(({ reader, lag }) => (lag > 0 ? [`${reader} has ${lag} records to read`] : []));
  const { rows } = await client.query<{ what: string; n: number }>(WAITING);
  for (const { what, n } of rows) if (n > 0) moving.push(`${n} ${what}`);
  return { moving, ends: readers.map(({ ends }) => ends).join(' ') };
}
