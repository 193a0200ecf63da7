import type { Bus } from '@fanin/bus';
import {
  codeOf,
  ERROR_TRAITS,
  noCrashPoints,
  type Clock,
  type CrashPoints,
  type Logger,
  type Metrics,
} from '@fanin/kernel';
import pg from 'pg';
import type { Database } from '../database/database.js';
import { together } from '../database/together.js';
import { publishRows, type OutboxRow } from './publish-rows.js';
import { outboxChannel } from './postgres-outbox.js';

export interface OutboxRelay {
  /** Resolves when nothing is left to publish (or `deadlineMs` has passed), the lease is given back and the connection closed. */
  stop(deadlineMs: number): Promise<void>;
}

export interface OutboxRelayOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly service: string;
  readonly clock: Clock;
  /** Default none. */
  readonly crashPoints?: CrashPoints;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How often it looks without having been notified (default 2 s). */
  readonly pollMs?: number;
}

const ROWS_AT_ONCE = 100;
/** Of one service; the oldest is the one with the smallest id, or next to it. */
const REPORT = `
  SELECT (SELECT count(*) FROM platform.outbox WHERE service = $1 AND failed IS NULL) AS waiting,
    (SELECT count(*) FROM platform.outbox WHERE service = $1 AND failed IS NOT NULL) AS refused,
    coalesce(extract(epoch FROM clock_timestamp() - (
      SELECT created_at FROM platform.outbox WHERE service = $1 AND failed IS NULL ORDER BY id LIMIT 1)), 0)::float8 AS age`;
const MAX_BACKOFF_MS = 5_000;
/** First half of the two-part advisory key; the second is the service. */
const LEASE_CLASS = 0x0b07;

/**
 * One relay of a service works at a time in the whole cluster: it holds a session advisory lock on the connection that it
 * reads and deletes with, so a relay that lost its connection has lost its lease too. Publishing is at least once.
 */
export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const stopping = new AbortController();
  let giveUpAt = Number.POSITIVE_INFINITY;
  const running = run(options, stopping.signal, () => options.clock.monotonicMs() > giveUpAt);
  return {
    async stop(deadlineMs) {
      giveUpAt = options.clock.monotonicMs() + deadlineMs;
      stopping.abort();
      await running;
    },
  };
}

async function run(options: OutboxRelayOptions, stop: AbortSignal, late: () => boolean): Promise<void> {
  const { clock, logger } = options;
  for (let failures = 0; ;) {
    try {
      await holdLease(options, stop, late, () => (failures = 0));
      return;
    } catch (error) {
      failures += 1;
      const level = ERROR_TRAITS[codeOf(error)].retriable ? 'warn' : 'error';
      logger[level]('outbox relay starts again', { service: options.service, failures, error });
      if (late() || (stop.aborted && failures > 3)) return;
      // After `stop` the signal no longer waits, so the pause has none.
      await clock.sleep(Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures), stop.aborted ? undefined : stop);
    }
  }
}

/** Returns when stopped and empty; throws when anything breaks. */
async function holdLease(
  options: OutboxRelayOptions,
  stop: AbortSignal,
  late: () => boolean,
  progress: () => void,
): Promise<void> {
  const { database, service, clock } = options;
  const client = new pg.Client({ ...database.pool.options, application_name: `fanin-outbox-${service}` });
  const wake = createWake();
  client.on('error', wake.now);
  client.on('end', wake.now);
  client.on('notification', wake.now);
  stop.addEventListener('abort', wake.now, { once: true });
  try {
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(outboxChannel(service))}`);
    while (!(await takeLease(client, service))) {
      if (stop.aborted) return;
      await wake.wait(clock, options.pollMs ?? 2_000);
    }
    const reporter = createReporter(options, client);
    for (let rows = await nextRows(client, service); ;) {
      if (rows.length > 0) rows = await publish(client, rows, options);
      progress();
      await reporter();
      if (rows.length > 0 && !late()) continue;
      if (stop.aborted) return;
      await wake.wait(clock, options.pollMs ?? 2_000);
      rows = await nextRows(client, service);
    }
  } finally {
    stop.removeEventListener('abort', wake.now);
    await client.end().catch(() => undefined);
  }
}

async function takeLease(client: pg.Client, service: string): Promise<boolean> {
  const taken = await client.query('SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken', [LEASE_CLASS, service]);
  return taken.rows[0]?.taken === true;
}

async function nextRows(client: pg.Client, service: string): Promise<readonly OutboxRow[]> {
  const found = await client.query<OutboxRow>({
    name: 'fanin-outbox-next',
    text: 'SELECT id, topic, records FROM platform.outbox WHERE service = $1 AND failed IS NULL ORDER BY id LIMIT $2',
    values: [service, ROWS_AT_ONCE],
  });
  return found.rows;
}

/** Publishes the rows, takes them away, and reads the next. */
async function publish(
  client: pg.Client,
  rows: readonly OutboxRow[],
  options: OutboxRelayOptions,
): Promise<readonly OutboxRow[]> {
  const { bus, service, logger, metrics, crashPoints = noCrashPoints } = options;
  const outcome = await publishRows(bus, rows);
  crashPoints.at('outbox.published');
  for (const { id, records, count, reason } of outcome.refused) {
    logger.error('the log refuses records for good, they stay in platform.outbox', {
      service,
      row_id: id,
      count,
      reason,
    });
    metrics.count('fanin_outbox_refused_total', { service }, count);
    await client.query('UPDATE platform.outbox SET failed = $2, records = $3, record_count = $4 WHERE id = $1', [
      id,
      reason,
      records,
      count,
    ]);
  }
  const [, next] = await together(
    outcome.done.length === 0
      ? undefined
      : client.query({
          name: 'fanin-outbox-done',
          text: 'DELETE FROM platform.outbox WHERE id = ANY($1)',
          values: [outcome.done],
        }),
    nextRows(client, service),
  );
  if (outcome.failure !== undefined) throw outcome.failure;
  return next;
}

/**
 * Size and age of what waits, at most every 5 s; told by whoever holds the lease. Throws when the connection is lost: the rows
 * that were read before are then another relay's.
 */
function createReporter({ service, clock, metrics }: OutboxRelayOptions, client: pg.Client): () => Promise<void> {
  let next = 0;
  return async () => {
    if (clock.monotonicMs() < next) return;
    next = clock.monotonicMs() + 5_000;
    const found = await client.query<{ waiting: string; refused: string; age: number }>({
      name: 'fanin-outbox-report',
      text: REPORT,
      values: [service],
    });
    const row = found.rows[0];
    if (row === undefined) return;
    metrics.gauge('fanin_outbox_rows', { service, state: 'waiting' }, Number(row.waiting));
    metrics.gauge('fanin_outbox_rows', { service, state: 'refused' }, Number(row.refused));
    metrics.gauge('fanin_outbox_age_seconds', { service }, row.age);
  };
}

/** A wake that comes between two waits is not lost. */
function createWake(): { now: () => void; wait: (clock: Clock, ms: number) => Promise<void> } {
  let cut = new AbortController();
  return {
    now: () => cut.abort(),
    async wait(clock, ms) {
      await clock.sleep(ms, cut.signal);
      cut = new AbortController();
    },
  };
}
