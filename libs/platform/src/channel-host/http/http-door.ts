import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpDoor, HttpDoorRequest, HttpDoorResponse } from '@fanin/connector-kit';
import { messageOf, type Logger } from '@fanin/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
type GetHandler = (request: HttpDoorRequest) => Promise<HttpDoorResponse>;

const UPGRADES = Symbol('fanin:upgrades');

export interface OpenHttpDoor extends HttpDoor {
  /** Takes away what this door had opened; sockets are their channel's business. */
  close(): void;
}

/**
 * What channels keep open on the service's server. Paths may come and go while the server runs; `createHttpDoor` itself
 * must be called before it listens.
 */
export function createHttpDoor(server: FastifyInstance, publicUrl: () => string, logger: Logger): OpenHttpDoor {
  const gets = new Map<string, GetHandler>();
  const upgrades = upgradesOf(server.server, logger);
  const own: string[] = [];
  server.addHook('onRequest', (request, reply, done) => {
    const handler = request.method === 'GET' || request.method === 'HEAD' ? gets.get(pathOf(request.url)) : undefined;
    if (handler === undefined) done();
    else void serve(handler, request, reply, logger);
  });
  return {
    get publicUrl() {
      return publicUrl();
    },
    onGet: (path, handler) => void gets.set(path, handler),
    onUpgrade(path, handler) {
      own.push(path);
      upgrades.set(path, handler);
    },
    close() {
      gets.clear();
      for (const path of own) upgrades.delete(path);
    },
  };
}

async function serve(handler: GetHandler, request: FastifyRequest, reply: FastifyReply, logger: Logger): Promise<void> {
  const path = pathOf(request.url);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const query = Object.fromEntries(new URL(request.url, 'http://door').searchParams);
  try {
    const response = await handler({ path, query, headers, remoteAddress: request.ip });
    await reply
      .code(response.status)
      .headers({ ...response.headers })
      .send(response.body);
  } catch (error) {
    logger.error('a channel could not serve a page', { path, reason: messageOf(error) });
    await reply.code(500).type('text/plain').send('a fault of ours');
  }
}

/** One listener a server, whoever opens doors on it: an upgrade that belongs to nobody is answered 404. */
function upgradesOf(server: Server, logger: Logger): Map<string, UpgradeHandler> {
  const marked = server as Server & { [UPGRADES]?: Map<string, UpgradeHandler> };
  if (marked[UPGRADES] !== undefined) return marked[UPGRADES];
  const upgrades = new Map<string, UpgradeHandler>();
  marked[UPGRADES] = upgrades;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const handler = upgrades.get(pathOf(request.url ?? '/'));
    // Until the channel listens itself, a reset by the peer would be an uncaught error.
    socket.on('error', () => undefined);
    if (handler === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    try {
      handler(request, socket, head);
    } catch (error) {
      logger.error('a channel could not take a connection', { reason: messageOf(error) });
      socket.destroy();
    }
  });
  return upgrades;
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
}
