import { open } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { topicSpecsOf, type Bus, type Subscription } from '@fanin/bus';
import { createKafkaBus } from '@fanin/bus-kafka';
import { createSystemClock, noCrashPoints, noMetrics, silentLogger } from '@fanin/kernel';
import { temporaryFolder } from '@fanin/test-kit';
import fastify from 'fastify';
import { SMTPServer } from 'smtp-server';
import { ChannelHost } from '../channel-host/channel-host.js';
import { CHANNELS_PART } from '../channel-host/channels-part.js';
import { DEFAULT_TIMINGS } from '../channel-host/host-settings.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { createOutbox } from '../outbox/postgres-outbox.js';
import { createFolderBlobStore } from '../storage/folder-blob-store.js';

export interface SmtpServing {
  readonly port: number;
  stop(): Promise<void>;
}

/** The least that keeps a mail: smtp-server, the bytes in a file of their own, fsync, then 250. */
export async function startBareSmtp(): Promise<SmtpServing> {
  const folder = await temporaryFolder('fanin-bare-smtp-');
  let files = 0;
  const keep = async (stream: AsyncIterable<Buffer>): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const file = await open(join(folder.path, `${(files += 1)}.eml`), 'w');
    try {
      await file.writeFile(Buffer.concat(chunks));
      await file.sync();
    } finally {
      await file.close();
    }
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, _session, callback) => {
      keep(stream).then(
        () => callback(null, '2.0.0 The mail is kept'),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await folder.remove();
    },
  };
}

export interface SmtpSurroundings {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly recipient: string;
}

/** The e-mail channel in its host, which appends to Kafka before it answers. */
export async function startFaninSmtp({ databaseUrl, brokers, recipient }: SmtpSurroundings): Promise<SmtpServing> {
  const common = { clock: createSystemClock(), logger: silentLogger };
  const database = await openDatabase({
    url: databaseUrl,
    parts: [PLATFORM_PART, CHANNELS_PART],
    poolSize: 4,
    ...common,
  });
  const deps = { ...common, metrics: noMetrics };
  const bus = createKafkaBus({ brokers, clientId: 'fanin-edge-smtp', replicationFactor: 1, deps });
  await bus.ensureTopics(topicSpecsOf('edge'));
  const folder = await temporaryFolder('fanin-edge-smtp-');
  const { channel } = await import('@fanin/channels/email-smtp');
  const { manifest, Config } = channel;
  const config = Object.assign(new Config(), { addresses: [recipient] });
  const port = await freePort();
  const server = fastify({ forceCloseConnections: true });
  const host = new ChannelHost({
    parts: {
      service: 'edge',
      topicPrefix: 'edge',
      bus: writeOnly(bus),
      database,
      blobs: createFolderBlobStore(folder.path),
      outbox: createOutbox('edge'),
      metrics: noMetrics,
      timings: DEFAULT_TIMINGS,
      crashPoints: noCrashPoints,
      ...common,
    },
    channels: [{ manifest, load: () => Promise.resolve(channel) }],
    accounts: [{ id: 'edge', tenant: 'default', channel: manifest.slug, config }],
    server,
    publicUrl: () => 'https://shop.example',
    outboxFolder: folder.path,
    smtp: { host: '127.0.0.1', port },
    signingSecrets: ['a-signing-secret-of-the-bench'],
  });
  await host.start();
  return {
    port,
    stop: async () => {
      await host.stop();
      await server.close();
      await bus.close();
      await database.close();
      await folder.remove();
    },
  };
}

/** Nobody reads here: what is read would be work that the bare server has not. */
function writeOnly(bus: Bus): Bus {
  const idle: Subscription = {
    stop: () => Promise.resolve(),
    assigned: () => new Map(),
    failed: new Promise<never>(() => undefined),
  };
  return new Proxy(bus, {
    get(target, name) {
      if (name === 'subscribe') return () => Promise.resolve(idle);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
