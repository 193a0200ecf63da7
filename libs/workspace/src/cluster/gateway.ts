import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { mergedDocument } from './api-document.js';

/** Which service answers a path: the longest prefix wins. The same table as the Ingress of a cluster has. */
export interface Route {
  readonly prefix: string;
  /** Port on loopback. */
  readonly port: number;
}

export interface GatewayTable {
  readonly routes: readonly Route[];
  /** Ports of the services whose API documents are shown as one. */
  readonly documented: readonly number[];
}

const KEEP_ALIVE_MS = 72_000;
const DOCUMENT = '/docs/openapi.json';

export function routeOf(routes: readonly Route[], path: string): Route | undefined {
  let best: Route | undefined;
  for (const route of routes) {
    const fits =
      route.prefix === '/' ||
      path === route.prefix ||
      path.startsWith(`${route.prefix}/`) ||
      path.startsWith(`${route.prefix}?`);
    if (fits && (best === undefined || route.prefix.length > best.prefix.length)) best = route;
  }
  return best;
}

function forward(routes: readonly Route[], incoming: IncomingMessage, outgoing: ServerResponse): void {
  const route = routeOf(routes, incoming.url ?? '/');
  if (route === undefined) {
    outgoing.writeHead(404, { 'content-type': 'text/plain' }).end('no service answers this path\n');
    return;
  }
  let answered = false;
  const upstream = request(
    { host: '127.0.0.1', port: route.port, method: incoming.method, path: incoming.url, headers: incoming.headers },
    (answer) => {
      answered = true;
      // Of this hop only (RFC 9110 §7.6.1): handed on, a "close" would cut off a client that is still sending.
      const { connection: _connection, 'keep-alive': _keepAlive, ...headers } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, headers);
      // A service that dies in the middle of an answer must not leave the client waiting for the rest.
      pipeline(answer, outgoing, () => undefined);
    },
  );
  upstream.on('error', () => {
    if (!answered)
      outgoing
        .writeHead(502, { 'content-type': 'text/plain' })
        .end(`the service behind ${route.prefix} does not answer\n`);
  });
  outgoing.on('close', () => {
    // A body may be refused before it was read to its end: the rest is thrown away, so that the client sees the answer.
    incoming.unpipe(upstream);
    incoming.resume();
    upstream.destroy();
  });
  incoming.pipe(upstream);
}

async function answerDocument(ports: readonly number[], outgoing: ServerResponse): Promise<void> {
  const document = await mergedDocument(ports.map((port) => `http://127.0.0.1:${port}${DOCUMENT}`));
  if (document === undefined)
    outgoing.writeHead(502, { 'content-type': 'text/plain' }).end('a service that answers the API does not answer\n');
  else outgoing.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(document));
}

/**
 * One address for services that run as separate processes on this machine, in place of an Ingress: HTTP, server-sent
 * events and WebSocket by path prefix. For development and tests; loopback only.
 */
export async function startGateway({ routes, documented }: GatewayTable, port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === 'GET' && incoming.url === DOCUMENT && documented.length > 0)
      void answerDocument(documented, outgoing);
    else forward(routes, incoming, outgoing);
  });
  // Longer than any client keeps a connection: with Node's 5 s a request on a busy machine meets the reset of an idle line.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('upgrade', (incoming, socket, head) => {
    const route = routeOf(routes, incoming.url ?? '/');
    if (route === undefined) return socket.destroy();
    const upstream = connect(route.port, '127.0.0.1', () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      for (let i = 0; i < incoming.rawHeaders.length; i += 2)
        lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
      upstream.write(`${lines.join('\r\n')}\r\n\r\n`);
      if (head.length > 0) upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
