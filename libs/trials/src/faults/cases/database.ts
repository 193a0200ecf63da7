import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { asSuperuser } from '../../system/as-superuser.js';
import type { FaultCase, FaultRun } from '../case.js';
import { REFUSALS, REFUSE_NO_MORE, refuseStatements } from '../refused-statements.js';

const killed: FaultCase = {
  name: 'database-killed',
  mayLeave: true,
  what: 'PostgreSQL killed -9 and started again',
  forms: ['cluster'],
  seconds: 15,
  async breakThings(run) {
    const until = performance.now() + run.seconds * 1000;
    let kills = 0;
    do {
      await run.database?.kill();
      await sleep(run.random.between(0, 3_000));
      await run.database?.restart();
      kills += 1;
      await sleep(run.random.between(1_500, 4_000));
    } while (performance.now() < until);
    run.note(`${kills} kills`);
  },
};

const frozen: FaultCase = {
  name: 'database-frozen',
  mayLeave: true,
  what: 'PostgreSQL and its backends stopped (SIGSTOP), then continued',
  forms: ['cluster'],
  seconds: 12,
  async breakThings(run) {
    run.database?.freeze();
    try {
      await sleep(Math.min(run.seconds, 30) * 1000);
    } finally {
      run.database?.thaw();
    }
    run.note(`${Math.min(run.seconds, 30)} s`);
  },
};

function cutAll({ system }: FaultRun): Promise<number> {
  return asSuperuser(system, (client) =>
    countOf(
      client,
      `SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND application_name LIKE 'fanin%'`,
    ),
  );
}

const cut: FaultCase = {
  name: 'database-cut',
  mayLeave: true,
  what: 'every connection of the services cut (pg_terminate_backend), again and again',
  forms: ['cluster', 'standalone'],
  seconds: 10,
  async breakThings(run) {
    const until = performance.now() + run.seconds * 1000;
    let connections = 0;
    do {
      connections += await cutAll(run);
      await sleep(run.random.between(300, 2_000));
    } while (performance.now() < until);
    run.note(`${connections} connections`);
  },
};

/** Rows that the services lock by ascending id, many with one statement. */
const LOCKED = [
  {
    newest: 'SELECT id::text FROM tickets.tickets ORDER BY updated_at DESC LIMIT 40',
    lock: 'tickets.tickets WHERE id',
  },
  {
    newest: 'SELECT ticket_id AS id FROM analytics.ticket_facts ORDER BY last_event_at DESC LIMIT 40',
    lock: 'analytics.ticket_memory WHERE ticket_id',
  },
];

/** Locks them the other way round. It never looks for a deadlock itself, so that it is the service that is refused. */
async function lockBackwards(client: pg.Client, { newest, lock }: (typeof LOCKED)[number]): Promise<void> {
  const { rows } = await client.query<{ id: string }>(newest);
  await client.query('BEGIN');
  await client.query("SET LOCAL deadlock_timeout = '1min'");
  for (const { id } of rows.toSorted((a, b) => (a.id < b.id ? 1 : -1))) {
    await client.query(`SELECT FROM ${lock} = $1 FOR UPDATE`, [id]);
    await sleep(10);
  }
  await client.query('COMMIT');
}

async function countOf(client: pg.Client, sql: string): Promise<number> {
  return (await client.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
}

const DEADLOCKS = 'SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()';

const refuses: FaultCase = {
  name: 'database-refuses',
  what: 'transactions that PostgreSQL breaks off: deadlocks, and one statement of five refused by serialisation',
  forms: ['cluster', 'standalone'],
  seconds: 12,
  breakThings: (run) => asSuperuser(run.system, (client) => breakTransactions(run, client)),
};

async function breakTransactions(run: FaultRun, client: pg.Client): Promise<void> {
  const until = performance.now() + run.seconds * 1000;
  // Statistics of a backend may come ten seconds late.
  const latest = until + 60_000;
  const before = await countOf(client, DEADLOCKS);
  const broken = async (): Promise<readonly [number, number]> => [
    await countOf(client, REFUSALS),
    (await countOf(client, DEADLOCKS)) - before,
  ];
  const isEnough = ([refused, deadlocks]: readonly [number, number]): boolean => refused >= 10 && deadlocks > 0;
  try {
    await client.query(refuseStatements('serialization_failure'));
    for (;;) {
      await lockBackwards(client, run.random.pick(LOCKED));
      await sleep(run.random.between(50, 400));
      if (performance.now() > latest || (performance.now() > until && isEnough(await broken()))) break;
    }
    const [refused, deadlocks] = await broken();
    run.note(`${refused} statements refused, ${deadlocks} deadlocks`);
    if (!isEnough([refused, deadlocks])) run.fault('PostgreSQL broke off too little to prove anything');
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.query(REFUSE_NO_MORE).catch((error: unknown) => run.fault(`the triggers stay: ${String(error)}`));
  }
}

export const DATABASE_CASES: readonly FaultCase[] = [killed, frozen, cut, refuses];
