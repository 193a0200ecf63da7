import { topicSpecsOf, type Bus, type Subscription } from '@fanin/bus';
import { createKafkaBus } from '@fanin/bus-kafka';
import type { Channel } from '@fanin/connector-kit';
import { createSystemClock, noCrashPoints, noMetrics, silentLogger } from '@fanin/kernel';
import { temporaryFolder } from '@fanin/test-kit';
import fastify, { type FastifyInstance } from 'fastify';
import { ChannelHost } from '../channel-host/channel-host.js';
import { CHANNELS_PART } from '../channel-host/channels-part.js';
import { DEFAULT_TIMINGS } from '../channel-host/host-settings.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { createOutbox } from '../outbox/postgres-outbox.js';
import { createFolderBlobStore } from '../storage/folder-blob-store.js';

/** Where both servers of a figure run. */
export interface Surroundings {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
}

export interface Serving {
  readonly port: number;
  stop(): Promise<void>;
}

export interface EdgeHostOptions {
  readonly channel: Channel;
  readonly accountId: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly publicUrl: string;
  /** 0 for channels that take no mail. */
  readonly smtpPort: number;
}

export function openEdgeBus({ brokers }: Surroundings): Bus {
  const deps = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
  return createKafkaBus({ brokers, clientId: 'fanin-edges', replicationFactor: 1, deps });
}

/** One account of a channel in its host, which appends to Kafka. The caller listens on `server`, where that is the door. */
export async function startEdgeHost(
  surroundings: Surroundings,
  { channel, accountId, config, publicUrl, smtpPort }: EdgeHostOptions,
): Promise<{ readonly server: FastifyInstance; stop(): Promise<void> }> {
  const common = { clock: createSystemClock(), logger: silentLogger };
  const database = await openDatabase({
    url: surroundings.databaseUrl,
    parts: [PLATFORM_PART, CHANNELS_PART],
    poolSize: 4,
    ...common,
  });
  const bus = openEdgeBus(surroundings);
  await bus.ensureTopics(topicSpecsOf('edge'));
  const folder = await temporaryFolder('fanin-edge-');
  const { manifest, Config } = channel;
  const server = fastify({ forceCloseConnections: true });
  const host = new ChannelHost({
    parts: {
      service: 'edge',
      topicPrefix: 'edge',
      bus: writeOnly(bus),
      database,
      blobs: createFolderBlobStore(folder.path),
      outbox: createOutbox('edge'),
      crashPoints: noCrashPoints,
      metrics: noMetrics,
      timings: DEFAULT_TIMINGS,
      ...common,
    },
    channels: [{ manifest, load: () => Promise.resolve(channel) }],
    accounts: [
      { id: accountId, tenant: 'default', channel: manifest.slug, config: Object.assign(new Config(), config) },
    ],
    server,
    publicUrl: () => publicUrl,
    outboxFolder: folder.path,
    smtp: { host: '127.0.0.1', port: smtpPort },
    signingSecrets: ['a-signing-secret-of-the-bench'],
  });
  await host.start();
  return {
    server,
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
