import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { topicSpecsOf } from '@fanin/bus';
import { median, type Figure } from '@fanin/test-kit';
import { prepareServiceRole } from '../database/service-role.js';
import { openEdgeBus, startEdgeHost, type Serving, type Surroundings } from './edge-host.js';
import { EdgeLoad, type EdgeMeasure } from './edge-load.js';
import { ACCOUNT, metaCase, PUBLIC_URL, twilioCase, xCase, type EdgeCase } from './edge-requests.js';

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

async function startBare(surroundings: Surroundings, edge: EdgeCase): Promise<Serving> {
  const bus = openEdgeBus(surroundings);
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
  const { server, stop } = await startEdgeHost(surroundings, {
    channel: await edge.load(),
    accountId: ACCOUNT,
    config: edge.config,
    publicUrl: PUBLIC_URL,
    smtpPort: 0,
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: (server.server.address() as AddressInfo).port, stop };
}
