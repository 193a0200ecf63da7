import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { coordinatorsReady } from '@fanin/dev-kafka';
import { describeWithKafka, temporaryFolder } from '@fanin/test-kit';
import type { TestFolder } from '@fanin/test-kit';
import pg from 'pg';
import type { ServicesState } from './state.js';
import { isAlive } from './state.js';

const program = join(import.meta.dirname, '..', '..', 'bin', 'services.mjs');

/** The command as a person runs it: each call is a process of its own. */
describeWithKafka('npm run services', { needsOnly: true }, () => {
  let folder: TestFolder;
  const run = (...parameters: string[]): { status: number | null; output: string } => {
    const result = spawnSync(
      process.execPath,
      [program, ...parameters, '--dir', folder.path, '--kafka-port', '0', '--postgres-port', '0'],
      { encoding: 'utf8', timeout: 150_000 },
    );
    return { status: result.status, output: `${result.stdout}${result.stderr}` };
  };
  const state = (): ServicesState =>
    JSON.parse(readFileSync(join(folder.path, 'services.json'), 'utf8')) as ServicesState;

  beforeAll(async () => {
    folder = await temporaryFolder('fanin-services-');
  });
  afterAll(() => {
    run('stop');
    rmSync(folder.path, { recursive: true, force: true });
  }, 120_000);

  it('starts, says so again, keeps its data over a stop, and really stops', async () => {
    expect(run('status').status).toBe(1);
    const started = run();
    expect(started).toMatchObject({ status: 0, output: expect.stringContaining('engine: kafka') as string });
    const first = state();
    expect(await coordinatorsReady(Number(first.brokers[0]?.split(':')[1]))).toBe(true);
    await query(first.database_url, 'CREATE TABLE kept (n integer)');

    const again = run('start');
    expect(again).toMatchObject({ status: 0, output: expect.stringContaining('Already running') as string });
    expect(state()).toEqual(first);
    expect(run('--brokers', '3')).toMatchObject({
      status: 1,
      output: expect.stringContaining('Stop them first') as string,
    });
    expect(run('status').status).toBe(0);

    expect(run('stop').status).toBe(0);
    for (const pid of [first.supervisor_pid, first.postgres_pid, ...first.broker_pids])
      expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder.path, 'services.json'))).toBe(false);
    expect(run('stop')).toMatchObject({ status: 0, output: expect.stringContaining('Nothing runs') as string });

    expect(run().status).toBe(0);
    await query(state().database_url, 'SELECT n FROM kept');
  }, 300_000);
});

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
