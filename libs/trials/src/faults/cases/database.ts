import pg from 'pg';
import { sleep, type FaultCase, type FaultRun } from '../case.js';

const killed: FaultCase = {
  name: 'database-killed',
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

async function cutAll(run: FaultRun): Promise<number> {
  const client = new pg.Client({ connectionString: run.system.adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND application_name LIKE 'fanin%'`,
    );
    return rows[0]?.n ?? 0;
  } finally {
    await client.end();
  }
}

const cut: FaultCase = {
  name: 'database-cut',
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

export const DATABASE_CASES: readonly FaultCase[] = [killed, frozen, cut];
