import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@fanin/kernel';
import { readState } from '../services/state.js';
import { startCluster, type Cluster } from './cluster.js';

const HELP = `The services as separate processes over a real Kafka and PostgreSQL, one address in front of them.

  npm run cluster -- [--dir .services] [--http-port 8080] [--smtp-port 2525] [--brokers 1|3]

It starts Kafka and PostgreSQL with "npm run services" when they do not run in that folder; they go on running when the
services end (stop them with "npm run services -- stop"). Ctrl-C ends the services.`;

const TENANTS = [{ id: 'default', name: 'My shop' }];
const ACCOUNTS = [
  { id: 'support-mail', tenant: 'default', channel: 'email-smtp', config: { addresses: ['support@localhost'] } },
  { id: 'shop-chat', tenant: 'default', channel: 'chat-web', config: {} },
];

function servicesOf(dir: string, brokers: string): ReturnType<typeof readState> {
  if (readState(dir) === undefined) {
    const services = join(
      import.meta.dirname,
      '..',
      '..',
      '..',
      '..',
      '..',
      'libs',
      'workspace',
      'bin',
      'services.mjs',
    );
    execFileSync(process.execPath, [services, 'start', '--dir', dir, '--brokers', brokers], { stdio: 'inherit' });
  }
  return readState(dir);
}

function announce(cluster: Cluster): void {
  console.log(`
Fanin is ready: ${cluster.url}

  Dashboard       ${cluster.url}/?token=${cluster.operatorToken}
  API             ${cluster.url}/docs?token=${cluster.operatorToken}
  Shop with chat  ${cluster.url}/demo-shop

A key for the API:
  node dist/apps/ticket-core/src/main.js keys create --config ${cluster.configFile('ticket-core')} --tenant default

Ctrl-C ends the services.
`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string', default: '.services' },
      'http-port': { type: 'string', default: '8080' },
      'smtp-port': { type: 'string', default: '2525' },
      brokers: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const dir = resolve(values.dir);
  const services = servicesOf(dir, values.brokers);
  if (services === undefined) return 1;
  const cluster = await startCluster({
    dir: join(dir, 'cluster'),
    brokers: services.brokers,
    replicationFactor: Math.min(3, services.brokers.length),
    databaseUrl: services.database_url,
    httpPort: Number(values['http-port']),
    smtpPort: Number(values['smtp-port']),
    tenants: TENANTS,
    accounts: ACCOUNTS,
    onLine: (service, line) => {
      if (/"level":"(warn|error)"|is ready/.test(line)) console.log(`${service}: ${line}`);
    },
  });
  announce(cluster);
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  const codes = await cluster.stop();
  return Object.values(codes).every((code) => code === 0) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
