import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createKafkaBus } from '@fanin/bus-kafka';
import { freePorts } from '@fanin/dev-kafka';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import {
  dovecotUnavailable,
  startTestDatabase,
  startTcpProxy,
  startTestDovecot,
  temporaryFolder,
} from '@fanin/test-kit';
import { parse, stringify } from 'yaml';
import { Api } from './api.js';
import { createKey, dist, Program, type Environment } from './program.js';
import { Relay } from './relay.js';
import { accountsOf, TENANTS, type Part, type SystemOptions, type SystemUnderTest } from './system.js';
import { until } from './until.js';
import { startVendors } from './vendors.js';

interface Cluster {
  readonly url: string;
  readonly operatorToken: string;
  configFile(service: string): string;
  process(service: string): ChildProcess;
  start(service: string, environment?: Environment): Promise<void>;
  stop(): Promise<Readonly<Record<string, number | null>>>;
}
type StartCluster = (options: Readonly<Record<string, unknown>>) => Promise<Cluster>;

/** What `npm run cluster` runs, as the build made it: each service is a process of its own. */
async function builtStartCluster(): Promise<StartCluster> {
  const file = join(dist, 'libs', 'workspace', 'src', 'cluster', 'cluster.js');
  return ((await import(pathToFileURL(file).href)) as { startCluster: StartCluster }).startCluster;
}

interface ServiceConfig {
  readonly database: { readonly url: string };
  readonly http: { readonly port: number };
  readonly smtp: { readonly port: number };
}

async function isReady(url: string, program: Program): Promise<boolean> {
  if (!program.running) throw new Error(`it did not start:\n${program.output}`);
  return (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true;
}

/** One more process of a service, with ports of its own; the address in front does not know it. */
export interface Replica {
  readonly program: Program;
  readonly url: string;
  readonly smtpPort: number;
}

export interface ClusterSystem extends SystemUnderTest {
  /** What the services write, a file each. */
  readonly logFolder: string;
  readonly brokers: readonly string[];
  /** A service once more, by the configuration of the one that runs. */
  startAgain(service: string): Program;
  /** A second process of a service beside the first; resolves when it is ready. Ends with the system. */
  replica(service: Part, environment?: Environment): Promise<Replica>;
  process(service: Part): ChildProcess;
}

export interface ClusterSystemOptions extends SystemOptions {
  /** Default 1. */
  readonly replicationFactor?: number;
  /** Of a superuser; who names it stops it. Default: one is started. */
  readonly databaseUrl?: string;
  /** Default: one of this process. */
  readonly topicPrefix?: string;
}

/** All services over a real Kafka and PostgreSQL. */
export async function startOverKafka(
  brokers: readonly string[],
  options: ClusterSystemOptions = {},
): Promise<ClusterSystem> {
  const folder = await temporaryFolder('fanin-e2e-cluster-');
  const [smtpPort = 0, relayPort = 0] = await freePorts(2);
  const [relay, own] = await Promise.all([
    Relay.start(relayPort),
    options.databaseUrl === undefined ? startTestDatabase() : undefined,
  ]);
  const adminUrl = options.databaseUrl ?? own?.url ?? '';
  const withDovecot = dovecotUnavailable() === undefined && (options.channels?.includes('email-imap') ?? true);
  const dovecot = withDovecot ? await startTestDovecot() : undefined;
  const imapLine = dovecot === undefined || options.onImapLine === undefined ? undefined : await startTcpProxy(dovecot);
  if (imapLine !== undefined) options.onImapLine?.(imapLine);
  const vendors = await startVendors(folder.path, options.channels, options.metaRetryScale);
  const topicPrefix = options.topicPrefix ?? `e2e-${process.pid}`;
  const replicas: Program[] = [];
  let cluster: Cluster | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
    await cluster?.stop();
    await Promise.all([relay.close(), imapLine?.close(), dovecot?.close(), vendors.close(), own?.stop()]);
    await folder.remove();
  };
  try {
    const start = await builtStartCluster();
    const running = await start({
      dir: folder.path,
      brokers,
      replicationFactor: options.replicationFactor ?? 1,
      databaseUrl: adminUrl,
      httpPort: 0,
      smtpPort,
      tenants: TENANTS,
      accounts: accountsOf(relayPort, dovecot, vendors, { ...options, imapPort: imapLine?.port }),
      topicPrefix,
      ...(options.environment === undefined ? {} : { environment: options.environment }),
      ...(options.config === undefined ? {} : { config: options.config }),
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
    const configOf = (service: string): ServiceConfig =>
      parse(readFileSync(running.configFile(service), 'utf8')) as ServiceConfig;
    const addressOf = (service: Part): string => `http://127.0.0.1:${configOf(service).http.port}`;
    const replica = async (service: Part, environment?: Environment): Promise<Replica> => {
      const [http = 0, smtp = 0] = await freePorts(2);
      const config = configOf(service);
      const file = join(folder.path, `${service}-${http}.yaml`);
      const ports = { http: { ...config.http, port: http }, smtp: { ...config.smtp, port: smtp } };
      writeFileSync(file, stringify({ ...config, ...ports }), { mode: 0o600 });
      const program = new Program(service, ['--config', file], { ...options.environment, ...environment });
      replicas.push(program);
      const own = `http://127.0.0.1:${http}`;
      await until(`another ${service} is ready`, () => isReady(own, program), 240_000);
      return { program, url: own, smtpPort: smtp };
    };
    return {
      form: 'cluster',
      url,
      addressOf,
      smtpPort,
      operatorToken: running.operatorToken,
      topicPrefix,
      databaseUrl: configOf('analytics').database.url,
      adminUrl,
      brokers,
      logFolder: join(folder.path, 'logs'),
      relay,
      dovecot,
      vendors,
      keys: { a, b },
      api: { a: new Api(url, a), b: new Api(url, b) },
      readOnly: new Api(url, reader),
      documents: [`${url}/docs/openapi.json`, `${addressOf('analytics')}/docs/openapi.json`],
      openBus: () => {
        const deps = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
        return Promise.resolve(createKafkaBus({ brokers, clientId: 'fanin-e2e', deps }));
      },
      replica,
      process: (service) => running.process(service),
      startAgain: (service) => new Program(service, ['--config', running.configFile(service)]),
      metrics: async (part: Part) => (await fetch(`${addressOf(part)}/metrics`)).text(),
      kill: async (part: Part) => {
        const child = running.process(part);
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
      revive: (part: Part, environment?: Environment) => running.start(part, environment),
      end: async () => {
        const began = performance.now();
        const others = Promise.all(replicas.splice(0).map((each) => each.end('SIGTERM')));
        const codes = [...Object.values(await running.stop()), ...(await others)];
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
