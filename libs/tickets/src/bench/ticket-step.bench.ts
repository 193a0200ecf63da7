import type { InboundMessageV1 } from '@fanin/contracts';
import { createSystemClock, silentLogger } from '@fanin/kernel';
import { createOutbox, openDatabase, PLATFORM_PART, prepareServiceRole, type Database } from '@fanin/platform';
import pg from 'pg';
import { createPublishing } from '../events/publishing.js';
import { createIntake } from '../intake/intake.js';
import { TICKETS_PART } from '../schema/tickets-part.js';
import { benchLanes } from './bench-messages.js';
import { recordingDatabase, replay, type RecordedTransaction } from './recorded-writes.js';

export interface BenchFigure {
  readonly value: number;
  /** What it is measured against, in the same unit and the same run. */
  readonly limit: number;
  readonly ratio: number;
  readonly unit: string;
}

export interface TicketStepFigures {
  /** The batch step against bare set-based SQL that writes the same rows on as many connections. */
  readonly ticket_step: BenchFigure;
  /** The batch step against the same step with one transaction a message. */
  readonly ticket_step_vs_single: BenchFigure;
}

export interface TicketStepOptions {
  /** An empty database of its own: the bench truncates. An administrator's address, or that of a plain owner. */
  readonly databaseUrl: string;
  readonly messages?: number;
  readonly batchSize?: number;
  readonly connections?: number;
  readonly rounds?: number;
}

const TABLES = [
  'customers',
  'identities',
  'conversations',
  'message_references',
  'ticket_counters',
  'tickets',
  'messages',
  'search_queue',
];

/** Median over the rounds; in each round the three forms run one after the other on emptied tables. */
export async function benchTicketStep(options: TicketStepOptions): Promise<TicketStepFigures> {
  const { messages = 20_000, batchSize = 500, connections = 2, rounds = 3 } = options;
  const clock = createSystemClock();
  const url = await boundRoleUrl(options.databaseUrl);
  const database = await openDatabase({
    url,
    parts: [PLATFORM_PART, TICKETS_PART],
    clock,
    logger: silentLogger,
    poolSize: connections,
  });
  const publishing = createPublishing(createOutbox('ticket-core'));
  const step = createIntake({ database, publishing, clock });
  const lanes = benchLanes(connections, Math.floor(messages / connections));
  const few = benchLanes(connections, Math.floor(messages / connections / 10));
  try {
    await runStep(database, step.handleBatch, few, batchSize);
    const writes = await recordWrites(database, publishing, lanes, batchSize);
    const rates: { step: number; bare: number; single: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      rates.push({
        step: await runStep(database, step.handleBatch, lanes, batchSize),
        bare: await runBare(database, writes, messages),
        single: await runStep(database, step.handleBatch, few, 1),
      });
    }
    const value = median(rates.map((rate) => rate.step));
    return {
      ticket_step: figure(
        value,
        median(rates.map((rate) => rate.bare)),
        median(rates.map((rate) => rate.step / rate.bare)),
      ),
      ticket_step_vs_single: figure(
        value,
        median(rates.map((rate) => rate.single)),
        median(rates.map((rate) => rate.step / rate.single)),
      ),
    };
  } finally {
    await database.close();
  }
}

function figure(value: number, limit: number, ratio: number): BenchFigure {
  return {
    value: Math.round(value),
    limit: Math.round(limit),
    ratio: Math.round(ratio * 100) / 100,
    unit: 'messages/s',
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

type Handle = (messages: readonly InboundMessageV1[]) => Promise<void>;

async function runStep(
  database: Database,
  handle: Handle,
  lanes: readonly (readonly InboundMessageV1[])[],
  batchSize: number,
): Promise<number> {
  await empty(database);
  const started = performance.now();
  await Promise.all(
    lanes.map(async (lane) => {
      for (let at = 0; at < lane.length; at += batchSize) await handle(lane.slice(at, at + batchSize));
    }),
  );
  return rate(
    lanes.reduce((sum, lane) => sum + lane.length, 0),
    started,
  );
}

async function runBare(
  database: Database,
  lanes: readonly (readonly RecordedTransaction[])[],
  messages: number,
): Promise<number> {
  await empty(database);
  const started = performance.now();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const transaction of lane) await replay(database, transaction);
    }),
  );
  return rate(messages, started);
}

function rate(messages: number, startedMs: number): number {
  return messages / ((performance.now() - startedMs) / 1_000);
}

/** Runs the step once, lane by lane, and keeps the statements that write. */
async function recordWrites(
  database: Database,
  publishing: ReturnType<typeof createPublishing>,
  lanes: readonly (readonly InboundMessageV1[])[],
  batchSize: number,
): Promise<RecordedTransaction[][]> {
  await empty(database);
  const recorded: RecordedTransaction[][] = [];
  for (const lane of lanes) {
    const transactions: RecordedTransaction[] = [];
    const recording = createIntake({
      database: recordingDatabase(database, transactions),
      publishing,
      clock: createSystemClock(),
    });
    for (let at = 0; at < lane.length; at += batchSize) await recording.handleBatch(lane.slice(at, at + batchSize));
    recorded.push(transactions);
  }
  return recorded;
}

async function empty(database: Database): Promise<void> {
  await database.pool.query(`TRUNCATE platform.outbox, ${TABLES.map((table) => `tickets.${table}`).join(', ')}`);
}

/** Row-level security must bind both sides of the comparison. */
async function boundRoleUrl(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ unbound: boolean }>(
      'SELECT rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname = current_user',
    );
    return rows[0]?.unbound === true ? await prepareServiceRole(databaseUrl) : databaseUrl;
  } finally {
    await client.end();
  }
}
