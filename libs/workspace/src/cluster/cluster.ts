import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { channels } from '@fanin/channel-list';
import { freePorts } from '@fanin/dev-kafka';
import { prepareServiceRole } from '@fanin/platform';
import { stringify } from 'yaml';
import { startGateway, type Route } from './gateway.js';

/**
 * The services of a cluster, and the paths that each answers; the same table as deploy/docker/nginx.conf. Webhooks go to the
 * connector of their account's family.
 */
export const SERVICES = {
  'ticket-core': ['/api/v1', '/docs', '/session'],
  analytics: ['/', '/api/v1/metrics', '/api/v1/fates', '/api/v1/deliveries'],
  'email-connector': [],
  'phone-connector': [],
  'chat-connector': ['/chat', '/widget.js', '/demo-shop'],
  'social-connector': [],
} as const;
export type ServiceName = keyof typeof SERVICES;

/** An account as far as the way to it matters. */
export interface RoutedAccount {
  readonly id: string;
  readonly channel: string;
}

/** The connector that runs an account; undefined for a channel that the build does not have. */
export function connectorOf({ channel }: RoutedAccount): ServiceName | undefined {
  const family = channels.find(({ manifest }) => manifest.slug === channel)?.manifest.family;
  return family === undefined ? undefined : `${family}-connector`;
}

/** Services that answer parts of the API, each with a document of its own. */
const DOCUMENTED: readonly ServiceName[] = ['ticket-core', 'analytics'];

export interface ClusterOptions {
  /** Configuration files, secrets, logs and objects are kept here. */
  readonly dir: string;
  readonly brokers: readonly string[];
  readonly replicationFactor: number;
  /** Address of an administrator; the services get a role of their own that is no superuser. */
  readonly databaseUrl: string;
  readonly httpPort: number;
  readonly smtpPort: number;
  readonly tenants: readonly object[];
  readonly accounts: readonly RoutedAccount[];
  /** First part of topics and groups (default `fanin`). */
  readonly topicPrefix?: string;
  readonly onLine?: (service: ServiceName, line: string) => void;
  /** Variables of every service, beside those of this process. */
  readonly environment?: Environment;
  /** Merged over the configuration of every service, section by section. */
  readonly config?: Readonly<Record<string, object>>;
}

export type Environment = Readonly<Record<string, string>>;

export interface Cluster {
  /** The one address in front of all services. */
  readonly url: string;
  readonly operatorToken: string;
  /** Configuration of a service, for commands such as `keys create`. */
  configFile(service: ServiceName): string;
  process(service: ServiceName): ChildProcess;
  /**
   * Starts a service again that was stopped or killed; resolves when it is ready. `environment`: further variables of this
   * process.
   */
  start(service: ServiceName, environment?: Environment): Promise<void>;
  /** SIGTERM to all; resolves with the exit codes. */
  stop(): Promise<Readonly<Record<string, number | null>>>;
}

const READY_DEADLINE_MS = 240_000;
const STOP_DEADLINE_MS = 15_000;

/** Made once per folder, so that cookies, reply addresses and visitor ids outlive a restart. */
function secretsOf(dir: string): { session_secret: string; operator_token: string; signing_secrets: string[] } {
  const file = join(dir, 'secrets.json');
  if (!existsSync(file)) {
    const make = (): string => randomBytes(32).toString('base64url');
    writeFileSync(file, JSON.stringify({ session_secret: make(), operator_token: make(), signing_secrets: [make()] }), {
      mode: 0o600,
    });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof secretsOf>;
}

/** Starts every service as a process of its own over a real Kafka and PostgreSQL, and one address in front of them. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dir } = options;
  mkdirSync(join(dir, 'logs'), { recursive: true });
  const names = Object.keys(SERVICES) as ServiceName[];
  const ports = await freePorts(names.length);
  const portOf = new Map(names.map((name, index) => [name, ports[index] ?? 0]));
  const routes: Route[] = names.flatMap((name) =>
    SERVICES[name].map((prefix) => ({ prefix, port: portOf.get(name) ?? 0 })),
  );
  for (const account of options.accounts) {
    const connector = connectorOf(account);
    if (connector !== undefined)
      routes.push({ prefix: `/hooks/${encodeURIComponent(account.id)}`, port: portOf.get(connector) ?? 0 });
  }
  const documented = DOCUMENTED.map((name) => portOf.get(name) ?? 0);
  const gateway = await startGateway({ routes, documented }, options.httpPort);
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const secrets = secretsOf(dir);
  const databaseUrl = await prepareServiceRole(options.databaseUrl);
  const configFile = (service: ServiceName): string => join(dir, `${service}.yaml`);
  for (const name of names) {
    const config = configOf(options, { url, databaseUrl, port: portOf.get(name) ?? 0, secrets });
    writeFileSync(configFile(name), stringify(overlaid(config, options.config)), { mode: 0o600 });
  }
  const children = new Map<ServiceName, ChildProcess>();
  const start = async (name: ServiceName, environment?: Environment): Promise<void> => {
    const env = { ...process.env, ...options.environment, ...environment };
    const child = launch(name, configFile(name), { dir, env, onLine: options.onLine });
    children.set(name, child);
    await untilReady(name, child, portOf.get(name) ?? 0);
  };
  const stop = async (): Promise<Readonly<Record<string, number | null>>> => {
    const codes = await Promise.all([...children].map(async ([name, child]) => [name, await end(child)] as const));
    gateway.closeAllConnections();
    await new Promise((resolve) => gateway.close(resolve));
    return Object.fromEntries(codes);
  };
  try {
    await Promise.all(names.map((name) => start(name)));
  } catch (error) {
    await stop();
    throw error;
  }
  const processOf = (name: ServiceName): ChildProcess => {
    const child = children.get(name);
    if (child === undefined) throw new Error(`${name} was never started`);
    return child;
  };
  return { url, operatorToken: secrets.operator_token, configFile, process: processOf, start, stop };
}

function configOf(
  options: ClusterOptions,
  made: { url: string; databaseUrl: string; port: number; secrets: ReturnType<typeof secretsOf> },
): Readonly<Record<string, unknown>> {
  return {
    tenants: options.tenants,
    accounts: options.accounts,
    bus: {
      engine: 'kafka',
      replication_factor: options.replicationFactor,
      kafka: { brokers: options.brokers },
      ...(options.topicPrefix === undefined ? {} : { topic_prefix: options.topicPrefix }),
    },
    database: { url: made.databaseUrl },
    storage: { folder: join(options.dir, 'objects') },
    http: { port: made.port, public_url: made.url, trusted_proxy_hops: 1 },
    // Replies of accounts without a relay become files, as under npm start.
    smtp: { port: options.smtpPort, outbox_folder: join(options.dir, 'outbox') },
    auth: made.secrets,
    logging: { level: 'info' },
  };
}

function overlaid(
  config: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, object>> = {},
): Readonly<Record<string, unknown>> {
  const sections = Object.entries(over).map(([name, section]) => [name, { ...(config[name] as object), ...section }]);
  return { ...config, ...(Object.fromEntries(sections) as Record<string, unknown>) };
}

interface Launch {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: ClusterOptions['onLine'];
}

function launch(name: ServiceName, config: string, { dir, env, onLine }: Launch): ChildProcess {
  const main = join(import.meta.dirname, '..', '..', '..', '..', 'apps', name, 'src', 'main.js');
  const child = spawn(process.execPath, [main, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const log = createWriteStream(join(dir, 'logs', `${name}.log`), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    stream.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString('utf8').split('\n')) if (line !== '') onLine?.(name, line);
    });
  }
  child.on('close', () => log.end());
  return child;
}

async function untilReady(name: string, child: ChildProcess, port: number): Promise<void> {
  const until = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode} before it was ready; see its log`);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (performance.now() > until)
      throw new Error(
        `${name} was not ready within ${READY_DEADLINE_MS / 1000} s: ${(await answer?.text()) ?? 'no answer'}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  const code = await ended;
  clearTimeout(timer);
  return code;
}
