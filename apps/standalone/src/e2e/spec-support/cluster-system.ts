import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createKafkaBus } from '@fanin/bus-kafka';
import { freePorts } from '@fanin/dev-kafka';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { dovecotUnavailable, startTestDatabase, startTestDovecot, temporaryFolder } from '@fanin/test-kit';
import { parse } from 'yaml';
import { Api } from './api.js';
import { createKey, dist, Program } from './program.js';
import { Relay } from './relay.js';
import { accountsOf, TENANTS, type Part, type SystemUnderTest } from './system.js';
import { startVendors } from './vendors.js';

interface Cluster {
  readonly url: string;
  readonly operatorToken: string;
  configFile(service: string): string;
  process(service: string): ChildProcess;
  start(service: string): Promise<void>;
  stop(): Promise<Readonly<Record<string, number | null>>>;
}
type StartCluster = (options: Readonly<Record<string, unknown>>) => Promise<Cluster>;

/** What `npm run cluster` runs, as the build made it: each service is a process of its own. */
async function builtStartCluster(): Promise<StartCluster> {
  const file = join(dist, 'libs', 'workspace', 'src', 'cluster', 'cluster.js');
  return ((await import(pathToFileURL(file).href)) as { startCluster: StartCluster }).startCluster;
}

export interface ClusterSystem extends SystemUnderTest {
  /** A service once more, by the configuration of the one that runs. */
  startAgain(service: string): Program;
}

/** All services over a real Kafka and PostgreSQL. */
export async function startOverKafka(brokers: readonly string[]): Promise<ClusterSystem> {
  const folder = await temporaryFolder('fanin-e2e-cluster-');
  const [smtpPort = 0, relayPort = 0] = await freePorts(2);
  const [relay, database] = await Promise.all([Relay.start(relayPort), startTestDatabase()]);
  const dovecot = dovecotUnavailable() === undefined ? await startTestDovecot() : undefined;
  const vendors = await startVendors(folder.path);
  const topicPrefix = `e2e-${process.pid}`;
  let cluster: Cluster | undefined;
  const stop = async (): Promise<void> => {
    await cluster?.stop();
    await Promise.all([relay.close(), dovecot?.close(), vendors.close(), database.stop()]);
    await folder.remove();
  };
  try {
    const start = await builtStartCluster();
    const running = await start({
      dir: folder.path,
      brokers,
      replicationFactor: 1,
      databaseUrl: database.url,
      httpPort: 0,
      smtpPort,
      tenants: TENANTS,
      accounts: accountsOf(relayPort, dovecot, vendors),
      topicPrefix,
    });
    cluster = running;
    const { url } = running;
    await vendors.connect(url);
    const place = ['--config', running.configFile('ticket-core')];
    const [a, b, reader] = await Promise.all([
      createKey('ticket-core', place, 'a', 'all'),
      createKey('ticket-core', place, 'b', 'all'),
      createKey('ticket-core', place, 'a', 'tickets:read'),
    ]);
    const configOf = (service: string): { database: { url: string }; http: { port: number } } =>
      parse(readFileSync(running.configFile(service), 'utf8')) as ReturnType<typeof configOf>;
    return {
      form: 'cluster',
      url,
      smtpPort,
      operatorToken: running.operatorToken,
      topicPrefix,
      databaseUrl: configOf('analytics').database.url,
      relay,
      dovecot,
      vendors,
      api: { a: new Api(url, a), b: new Api(url, b) },
      readOnly: new Api(url, reader),
      documents: [`${url}/docs/openapi.json`, `http://127.0.0.1:${configOf('analytics').http.port}/docs/openapi.json`],
      openBus: () => {
        const deps = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
        return Promise.resolve(createKafkaBus({ brokers, clientId: 'fanin-e2e', deps }));
      },
      startAgain: (service) => new Program(service, ['--config', running.configFile(service)]),
      metrics: async (part: Part) => (await fetch(`http://127.0.0.1:${configOf(part).http.port}/metrics`)).text(),
      kill: async (part: Part) => {
        const child = running.process(part);
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
      revive: (part: Part) => running.start(part),
      end: async () => {
        const began = performance.now();
        const codes = Object.values(await running.stop());
        cluster = undefined;
        return { codes, tookMs: performance.now() - began };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
