import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SimulatorClock } from './clock.js';
import type { ActiveFault, FaultBook } from './faults.js';
import { jsonReply } from './http.js';
import type { SimulatorReply, SimulatorRequest } from './http.js';
import type { Router } from './router.js';
import type { SimulatorOptions } from './simulator.js';

/** How a vendor answers; the server asks it, and strikes with the faults. */
export interface VendorSite {
  router: Router;
  /** Faults "at media" strike requests of which this says `media`. */
  placeOf(request: SimulatorRequest): 'api' | 'media';
  /** The vendor's own error body and headers for a fault's status (401 for `revoked_token`). */
  refuse(status: number, fault: ActiveFault, request: SimulatorRequest): SimulatorReply;
  /** The vendor's answer for an address it does not know. */
  unknown(request: SimulatorRequest): SimulatorReply;
}

export interface Served {
  url: string;
  port: number;
  close(): Promise<void>;
}

interface Serving {
  site: VendorSite;
  faults: FaultBook;
  clock: SimulatorClock;
  signal: AbortSignal;
}

const LARGEST_BODY_BYTES = 128 * 1024 * 1024;
const SLOW_CHUNKS = 10;

export async function serve(options: SimulatorOptions, serving: Serving): Promise<Served> {
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    handle(serving, incoming, outgoing).catch(() => outgoing.destroy());
  };
  const server = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  const host = options.host ?? '127.0.0.1';
  await listen(server, options.port ?? 0, host);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function handle(serving: Serving, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = await requestOf(incoming);
  if (request === undefined) return void outgoing.writeHead(413).end();
  if (request.path.startsWith('/_control')) return write(outgoing, await answer(serving.site, request));
  const { faults, clock, signal, site } = serving;
  const place = site.placeOf(request);
  const delay = faults.take(place, request.target, 'delay');
  if (delay !== undefined) await clock.sleep(delay.delayMs ?? 0, signal);
  const fault = faults.take(place, request.target, 'drop', 'hang', 'status', 'revoked_token');
  if (fault?.kind === 'drop') return void outgoing.destroy();
  // The connection stays open until the client gives up or the simulator closes.
  if (fault?.kind === 'hang') return;
  if (fault !== undefined) {
    return write(outgoing, site.refuse(fault.kind === 'status' ? (fault.status ?? 500) : 401, fault, request));
  }
  const unheard = place === 'api' && faults.take(place, request.target, 'no_answer_after_accept') !== undefined;
  const reply = await answer(site, request);
  if (unheard) return void outgoing.destroy();
  const slow = place === 'media' ? faults.take(place, request.target, 'slow_media') : undefined;
  if (slow === undefined) return write(outgoing, reply);
  await trickle(outgoing, reply, serving, slow.delayMs ?? 0);
}

async function answer(site: VendorSite, request: SimulatorRequest): Promise<SimulatorReply> {
  const match = site.router.match(request.method, request.path);
  if (match === undefined) return site.unknown(request);
  try {
    return await match.handler({ ...request, params: match.params });
  } catch (error) {
    return jsonReply(500, { error: { message: `the simulator failed: ${String(error)}` } });
  }
}

async function requestOf(incoming: IncomingMessage): Promise<SimulatorRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  const target = incoming.url ?? '/';
  const question = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: question === -1 ? target : target.slice(0, question),
    target,
    query: new URLSearchParams(question === -1 ? '' : target.slice(question + 1)),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    params: {},
  };
}

function write(outgoing: ServerResponse, reply: SimulatorReply): void {
  const body = Buffer.from(reply.body ?? '');
  outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': `${body.length}` }).end(body);
}

async function trickle(outgoing: ServerResponse, reply: SimulatorReply, serving: Serving, overMs: number) {
  const body = Buffer.from(reply.body ?? '');
  outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': `${body.length}` });
  const step = Math.max(1, Math.ceil(body.length / SLOW_CHUNKS));
  for (let from = 0; from < body.length && !outgoing.destroyed; from += step) {
    await serving.clock.sleep(overMs / SLOW_CHUNKS, serving.signal);
    outgoing.write(body.subarray(from, from + step));
  }
  outgoing.end();
}
