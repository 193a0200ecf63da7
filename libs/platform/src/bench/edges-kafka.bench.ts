import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock, noCrashPoints, noMetrics, silentLogger } from '@fanin/kernel';
import { temporaryFolder } from '@fanin/test-kit';
import { topicSpecsOf, type Bus, type Subscription } from '@fanin/bus';
import { createKafkaBus } from '@fanin/bus-kafka';
import fastify from 'fastify';
import { ChannelHost } from '../channel-host/channel-host.js';
import { CHANNELS_PART } from '../channel-host/channels-part.js';
import { DEFAULT_TIMINGS } from '../channel-host/host-settings.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { prepareServiceRole } from '../database/service-role.js';
import { createOutbox } from '../outbox/postgres-outbox.js';
import { createFolderBlobStore } from '../storage/folder-blob-store.js';
import { EdgeLoad, median, type EdgeMeasure } from './edge-load.js';
import { ACCOUNT, metaCase, PUBLIC_URL, twilioCase, xCase, type EdgeCase } from './edge-requests.js';

interface Figure {
  readonly value: number;
  readonly limit: number;
  readonly ratio: number;
  readonly unit: string;
}

const TURNS = 7;
const TURN_MS = 1_000;

/**
 * Signed webhooks over HTTP, answered when they are durable: our edge (route, proof, raw delivery validated and encoded)
 * against a bare node:http server that reads the body, computes the same HMAC and appends the bytes to the same log. The log
 * is Kafka, through the same bus; the load comes from a process of its own; the two servers are measured in turns.
 */
export async function benchEdgesKafka(given: {
  databaseUrl: string;
  brokers: readonly string[];
}): Promise<Record<string, Figure>> {
  const surroundings = { databaseUrl: await prepareServiceRole(given.databaseUrl), brokers: given.brokers };
  const load = EdgeLoad.start();
  try {
    const meta = await measure(surroundings, load, metaCase(1), 'signed posts of 1 message/s');
    return {
      // The plainest of them stands for any: one HMAC over the raw bytes.
      edge_webhook: meta,
      edge_meta: meta,
      edge_twilio: await measure(surroundings, load, twilioCase(), 'signed form posts/s'),
      edge_meta_100: await measure(surroundings, load, metaCase(100), 'signed posts of 100 messages/s'),
      edge_x: await measure(surroundings, load, xCase(), 'signed posts/s'),
    };
  } finally {
    load.stop();
  }
}

async function measure(surroundings: Surroundings, load: EdgeLoad, edge: EdgeCase, unit: string): Promise<Figure> {
  const bare = await startBare(surroundings, edge);
  const ours = await startOurs(surroundings, edge);
  try {
    const bares: EdgeMeasure[] = [];
    const all: EdgeMeasure[] = [];
    await load.turn(bare.port, edge.requests, TURN_MS);
    await load.turn(ours.port, edge.requests, TURN_MS);
    for (let turn = 0; turn < TURNS; turn += 1) {
      bares.push(await load.turn(bare.port, edge.requests, TURN_MS));
      all.push(await load.turn(ours.port, edge.requests, TURN_MS));
    }
    const value = median(all.map(({ perSecond }) => perSecond));
    const limit = median(bares.map(({ perSecond }) => perSecond));
    const cpu = (measures: readonly EdgeMeasure[]): string =>
      (median(measures.map(({ cpuMicros }) => cpuMicros)) / 1000).toFixed(3);
    return {
      value,
      limit,
      ratio: value / limit,
      unit: `${unit}; CPU of the server ${cpu(all)} ms each, bare ${cpu(bares)} ms`,
    };
  } finally {
    await Promise.all([bare.stop(), ours.stop()]);
  }
}

interface Surroundings {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
}

interface Serving {
  readonly port: number;
  stop(): Promise<void>;
}

function openBus({ brokers }: Surroundings): Bus {
  const deps = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
  return createKafkaBus({ brokers, clientId: 'fanin-edges', replicationFactor: 1, deps });
}

async function startBare(surroundings: Surroundings, edge: EdgeCase): Promise<Serving> {
  const bus = openBus(surroundings);
  await bus.ensureTopics(topicSpecsOf('bare'));
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { expected, given } = edge.proofOf(Buffer.concat(parts), request.headers);
      const holds = expected.length === given.length && timingSafeEqual(expected, given);
      if (!holds) return void response.writeHead(403).end();
      const record = { key: ACCOUNT, value: Buffer.concat(parts), headers: {} };
      void bus.publish('bare.inbound.raw.v1', [record]).then(() => response.writeHead(200).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await bus.close();
    },
  };
}

async function startOurs(surroundings: Surroundings, edge: EdgeCase): Promise<Serving> {
  const clock = createSystemClock();
  const common = { clock, logger: silentLogger };
  const database = await openDatabase({
    url: surroundings.databaseUrl,
    parts: [PLATFORM_PART, CHANNELS_PART],
    poolSize: 4,
    ...common,
  });
  const bus = openBus(surroundings);
  await bus.ensureTopics(topicSpecsOf('edge'));
  const folder = await temporaryFolder('fanin-edge-');
  const channel = await edge.load();
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
      { id: ACCOUNT, tenant: 'default', channel: manifest.slug, config: Object.assign(new Config(), edge.config) },
    ],
    server,
    publicUrl: () => PUBLIC_URL,
    outboxFolder: undefined,
    smtp: { host: '127.0.0.1', port: 0 },
    signingSecrets: ['a-signing-secret-of-the-bench'],
  });
  await host.start();
  await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    port: (server.server.address() as AddressInfo).port,
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
