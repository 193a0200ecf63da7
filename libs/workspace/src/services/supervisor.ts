import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaCluster } from '@fanin/dev-kafka';
import { startKafka } from '@fanin/dev-kafka';
import type { EmbeddedPostgres } from '@fanin/embedded-postgres';
import { startEmbeddedPostgres } from '@fanin/embedded-postgres';
import { messageOf } from '@fanin/kernel';
import type { ServicesOptions } from './options.js';
import { parseOptions } from './options.js';
import { removeState, writeState } from './state.js';

/** First line of a failure in the log: what `start` shows to the user. */
export const FAILED = 'services failed: ';

/**
 * The detached process behind `npm run services`: starts both, writes services.json when they answer, and holds them
 * until SIGTERM. Runs as a program of its own, so that it outlives the shell.
 */
async function supervise(options: ServicesOptions): Promise<void> {
  mkdirSync(options.dir, { recursive: true });
  let kafka: KafkaCluster | undefined;
  let postgres: EmbeddedPostgres | undefined;
  let ending: Promise<void> | undefined;
  const end = (code: number): Promise<void> =>
    (ending ??= (async () => {
      removeState(options.dir);
      await Promise.allSettled([kafka?.stop(), postgres?.stop()]);
      process.exit(code);
    })());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0));
  process.on('SIGHUP', () => undefined); // the terminal that started us is gone
  try {
    const started = await Promise.allSettled([
      startKafka({
        brokers: options.brokers,
        dir: join(options.dir, `kafka-${options.brokers}`),
        ...(options.kafkaPort === 0 ? {} : { ports: portsFrom(options.kafkaPort, options.brokers) }),
        onProgress: (line) => console.log(line),
      }).then((cluster) => (kafka = cluster)),
      startEmbeddedPostgres({
        dataDir: join(options.dir, 'postgres'),
        ...(options.postgresPort === 0 ? {} : { port: options.postgresPort }),
        onExit: (reason) => fail(`PostgreSQL ended: ${reason}`),
      }).then((server) => (postgres = server)),
    ]);
    for (const each of started) if (each.status === 'rejected') throw each.reason;
  } catch (error) {
    fail(messageOf(error));
    return;
  }
  if (kafka === undefined || postgres === undefined || ending !== undefined) return;
  writeState(options.dir, {
    brokers: kafka.brokers,
    database_url: postgres.url,
    supervisor_pid: process.pid,
    broker_pids: kafka.pids(),
    postgres_pid: postgres.pid,
    started_at: new Date().toISOString(),
  });
  // Signals wake a process only while something keeps it alive.
  setInterval(() => undefined, 60_000);

  function fail(reason: string): void {
    if (ending !== undefined) return;
    console.error(`${FAILED}${reason}`);
    void end(1);
  }
}

function portsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

await supervise(parseOptions(process.argv.slice(2), process.cwd()));
