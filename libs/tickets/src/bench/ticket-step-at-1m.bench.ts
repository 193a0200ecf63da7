import type { Figure } from '@fanin/test-kit';
import pg from 'pg';
import { fillTickets } from '../testing/fill-tickets.js';
import { benchLanes } from './bench-messages.js';
import { figureOf, StepRuns, type Rate } from './step-runs.js';

const STORED = 1_000_000;
const MESSAGES = 20_000;
const BATCH = 500;
const CONNECTIONS = 2;
const ROUNDS = 5;

/**
 * Costs must not grow with what is stored: the step over new messages with a million messages of half a million tickets in
 * the database, against the same step with none. Two databases of one server, in turns.
 */
export async function benchTicketStepAt1m(given: { readonly databaseUrl: string }): Promise<Record<string, Figure>> {
  const fullUrl = await createBeside(given.databaseUrl);
  const none = await StepRuns.open(given.databaseUrl, CONNECTIONS);
  const full = await StepRuns.open(fullUrl, CONNECTIONS, 'fanin_bench_full');
  try {
    await fillTickets(full.database, { messages: STORED });
    const rounds: { ours: Rate; bare: Rate }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const lanes = benchLanes(CONNECTIONS, MESSAGES / CONNECTIONS, round);
      await none.empty();
      const bare = await none.step(lanes, BATCH);
      const ours = await full.step(lanes, BATCH);
      // The first round reads the indexes into memory and compiles the step.
      if (round > 0) rounds.push({ ours, bare });
    }
    const where = `${STORED.toLocaleString('en')} messages stored; batches of ${BATCH} on ${CONNECTIONS} connections; this process and the database on the same cores; limit: none stored`;
    return { ticket_step_at_1m: figureOf(rounds, where) };
  } finally {
    await Promise.all([none.close(), full.close()]);
  }
}

async function createBeside(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  const name = `${url.pathname.slice(1)}_full`;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}
