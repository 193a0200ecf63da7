import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaJarsCached, missingForKafka } from '@fanin/dev-kafka';
import { messageOf } from '@fanin/kernel';
import type { ServicesOptions } from './options.js';
import { USAGE, parseOptions } from './options.js';
import type { ServicesState } from './state.js';
import { isAlive, logFileOf, readState, removeState, supervisorOf, writeSupervisor } from './state.js';

const START_DEADLINE_MS = 300_000; // the first start fetches Kafka
const STOP_DEADLINE_MS = 60_000;

async function start(options: ServicesOptions): Promise<number> {
  const running = readState(options.dir);
  if (running !== undefined) {
    if (running.brokers.length !== options.brokers) {
      console.error(
        `Running in ${options.dir} with ${running.brokers.length} broker(s), not ${options.brokers}. Stop them first: npm run services -- stop`,
      );
      return 1;
    }
    console.log(`Already running in ${options.dir}.`);
    console.log(describe(running));
    return 0;
  }
  const missing = missingForKafka({ jarsCached: kafkaJarsCached() });
  if (missing.length > 0) {
    console.error(missing.join('\n'));
    return 1;
  }
  const starting = supervisorOf(options.dir);
  if (starting === undefined) launch(options);
  console.log(
    `Starting Kafka (${options.brokers} broker${options.brokers === 1 ? '' : 's'}) and PostgreSQL in ${options.dir} …`,
  );
  return untilStarted(options);
}

function launch(options: ServicesOptions): void {
  mkdirSync(options.dir, { recursive: true });
  const log = openSync(logFileOf(options.dir), 'w');
  const parameters = [
    'start',
    '--dir',
    options.dir,
    '--brokers',
    `${options.brokers}`,
    '--kafka-port',
    `${options.kafkaPort}`,
    '--postgres-port',
    `${options.postgresPort}`,
  ];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.js'), ...parameters], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) writeSupervisor(options.dir, child.pid);
  child.unref();
}

async function untilStarted(options: ServicesOptions): Promise<number> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    const state = readState(options.dir);
    if (state !== undefined) {
      console.log(describe(state));
      return 0;
    }
    if (supervisorOf(options.dir) === undefined) break;
    await sleep(150);
  }
  console.error(`The services did not start. ${logOf(options.dir)}`);
  return 1;
}

function logOf(dir: string): string {
  const file = logFileOf(dir);
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text === '' ? `See ${file}.` : text.split('\n').slice(-15).join('\n');
}

async function stop(options: ServicesOptions): Promise<number> {
  const state = readState(options.dir);
  const supervisor = supervisorOf(options.dir) ?? state?.supervisor_pid;
  if (supervisor === undefined) {
    removeState(options.dir);
    console.log(`Nothing runs in ${options.dir}.`);
    return 0;
  }
  process.kill(supervisor, 'SIGTERM');
  const all = [supervisor, ...(state === undefined ? [] : [...state.broker_pids, state.postgres_pid])];
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (all.some(isAlive) && Date.now() < deadline) await sleep(100);
  const left = all.filter(isAlive);
  if (left.length > 0) {
    console.error(
      `Still running after ${STOP_DEADLINE_MS / 1_000} s: process ${left.join(', ')}. ${logOf(options.dir)}`,
    );
    return 1;
  }
  removeState(options.dir);
  console.log(`Stopped. The data stays in ${options.dir}.`);
  return 0;
}

function status(options: ServicesOptions): number {
  const state = readState(options.dir);
  if (state === undefined) {
    console.log(
      supervisorOf(options.dir) === undefined ? `Nothing runs in ${options.dir}.` : `Starting in ${options.dir}.`,
    );
    return 1;
  }
  const dead = [...state.broker_pids, state.postgres_pid].filter((pid) => !isAlive(pid));
  console.log(describe(state));
  if (dead.length > 0)
    console.log(`Not running any more: process ${dead.join(', ')}. Restart: npm run services -- stop, then start.`);
  return dead.length > 0 ? 1 : 0;
}

function describe(state: ServicesState): string {
  return `
Kafka       ${state.brokers.join(', ')}
PostgreSQL  ${state.database_url}

For fanin.yaml:
  bus:
    engine: kafka
    replication_factor: ${state.brokers.length}
    kafka:
      brokers: [${state.brokers.map((broker) => JSON.stringify(broker)).join(', ')}]
  database:
    url: ${JSON.stringify(state.database_url)}

For tests:  export KAFKA_BROKERS=${state.brokers.join(',')}
Stop:       npm run services -- stop
`;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
  if (options.command === 'help') {
    console.log(USAGE);
    return 0;
  }
  if (options.command === 'stop') return stop(options);
  if (options.command === 'status') return status(options);
  return start(options);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`${messageOf(error)}\n\n${USAGE}`);
  return 1;
});
