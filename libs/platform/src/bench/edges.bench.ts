import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { temporaryFolder } from '@fanin/test-kit';
import type { Bus } from '@fanin/bus';
import { createPostgresBus } from '@fanin/bus-postgres';
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
 * Signed webhooks over HTTP: our edge (route, proof, raw delivery encoded for the log) against a bare node:http server that
 * reads the body and computes the same HMAC. The log itself is left out on both sides (`edge_webhook` measures it). The load
 * comes from a process of its own; the two servers are measured in turns.
 */
export async function benchEdges({ databaseUrl }: { databaseUrl: string }): Promise<Record<string, Figure>> {
  const load = EdgeLoad.start();
  try {
    return {
      edge_twilio: await measure(databaseUrl, load, twilioCase(), 'signed form posts/s'),
      edge_meta: await measure(databaseUrl, load, metaCase(1), 'signed posts of 1 message/s'),
      edge_meta_100: await measure(databaseUrl, load, metaCase(100), 'signed posts of 100 messages/s'),
      edge_x: await measure(databaseUrl, load, xCase(), 'signed posts/s'),
    };
  } finally {
    load.stop();
  }
}

async function measure(databaseUrl: string, load: EdgeLoad, edge: EdgeCase, unit: string): Promise<Figure> {
  const bare = await startBare(edge);
  const ours = await startOurs(databaseUrl, edge);
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

interface Serving {
  readonly port: number;
  stop(): Promise<void>;
}

async function startBare(edge: EdgeCase): Promise<Serving> {
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { expected, given } = edge.proofOf(Buffer.concat(parts), request.headers);
      const holds = expected.length === given.length && timingSafeEqual(expected, given);
      response.writeHead(holds ? 200 : 403).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startOurs(databaseUrl: string, edge: EdgeCase): Promise<Serving> {
  const clock = createSystemClock();
  const common = { clock, logger: silentLogger };
  const url = await prepareServiceRole(databaseUrl);
  const database = await openDatabase({ url, parts: [PLATFORM_PART, CHANNELS_PART], poolSize: 4, ...common });
  const real = createPostgresBus({ url, metrics: noMetrics, ...common });
  const folder = await temporaryFolder('fanin-edge-');
  const channel = await edge.load();
  const { manifest, Config } = channel;
  const server = fastify({ forceCloseConnections: true });
  const host = new ChannelHost({
    parts: {
      service: 'edge',
      topicPrefix: 'edge',
      bus: logless(real),
      database,
      blobs: createFolderBlobStore(folder.path),
      outbox: createOutbox('edge'),
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
      await real.close();
      await database.close();
      await folder.remove();
    },
  };
}

/** A bus whose log takes everything at once and keeps nothing: what remains is the edge. */
function logless(bus: Bus): Bus {
  return new Proxy(bus, {
    get(target, name) {
      if (name === 'publish') return () => Promise.resolve([]);
      if (name === 'subscribe')
        return () => Promise.resolve({ failed: new Promise(() => undefined), stop: () => Promise.resolve() });
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
