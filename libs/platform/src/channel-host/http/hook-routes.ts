import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HookHandler, HookRequest } from './webhooks.js';

export const HOOKS_PREFIX = '/hooks';

/** What is read of a body that is too large and thrown away: bytes unread when a connection closes reset it, and take the answer along. */
const THROWN_AWAY_BYTES = 32 * 1024 * 1024;

/** Handlers by account id: one table on each server, shared by all channel hosts that are in front of it. */
export type HookTable = Map<string, HookHandler>;

const DECORATION = 'faninHooks';
/** Fastify's own limit must not be the smaller one. Each account has its own, see `ChannelManifest.limits`. */
const SERVER_LIMIT_BYTES = 1024 * 1024 * 1024;

/** The server's table; the first call also makes the routes. Must be called before the server listens. */
export function hookTableOf(server: FastifyInstance): HookTable {
  if (server.hasDecorator(DECORATION)) return (server as unknown as Record<string, HookTable>)[DECORATION] as HookTable;
  const table: HookTable = new Map();
  server.decorate(DECORATION, table);
  // Encapsulated: these routes take the bytes as they are, whatever the type says; the API's JSON parser does not see them.
  void server.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { bodyLimit: SERVER_LIMIT_BYTES }, (request: FastifyRequest, payload: Readable) => {
      return readBody(payload, handlerOf(table, request)?.maxBytes ?? 0);
    });
    hooks.setErrorHandler((error, _request, reply) =>
      refuse(reply, (error as { statusCode?: number }).statusCode ?? 500),
    );
    hooks.addHook('onRequest', refuseEarly(table));
    hooks.all(`${HOOKS_PREFIX}/:account`, (request, reply) => answer(table, request, reply));
    hooks.all(`${HOOKS_PREFIX}/:account/*`, (request, reply) => answer(table, request, reply));
  });
  return table;
}

/** Nothing is read for an account that is not there, nor of a body that says itself that it is far too large. */
function refuseEarly(table: HookTable) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const handler = handlerOf(table, request);
    if (handler === undefined) await refuse(reply, 404);
    else if (Number(request.headers['content-length'] ?? 0) > handler.maxBytes + THROWN_AWAY_BYTES)
      await refuse(reply, 413);
  };
}

/** Keeps no more than the limit, also where no length was declared. By events: an iterator costs more than all the rest of it. */
function readBody(payload: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const tooLarge = (): void => reject(Object.assign(new Error('too large'), { statusCode: 413 }));
    payload.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= limit) parts.push(part);
      else parts.splice(0);
      if (size <= limit + THROWN_AWAY_BYTES) return;
      payload.pause();
      tooLarge();
    });
    payload.on('end', () => {
      const [first] = parts;
      if (size > limit) tooLarge();
      else resolve(first !== undefined && parts.length === 1 ? first : Buffer.concat(parts));
    });
    payload.on('error', reject);
    payload.on('close', () => reject(new Error('the connection ended before the body did')));
  });
}

const REFUSALS: Readonly<Record<number, string>> = { 404: 'there is no such account', 413: 'too large' };

/** The connection is closed: what is left of the body is not worth reading. */
function refuse(reply: FastifyReply, status: number): FastifyReply {
  return reply
    .code(status)
    .header('connection', 'close')
    .type('text/plain; charset=utf-8')
    .send(REFUSALS[status] ?? 'the request cannot be read');
}

async function answer(table: HookTable, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const handler = handlerOf(table, request);
  if (handler === undefined) return refuse(reply, 404);
  const response = await handler.handle(readRequest(request));
  return reply
    .code(response.status)
    .headers({ ...response.headers })
    .send(response.body ?? '');
}

function handlerOf(table: HookTable, request: FastifyRequest): HookHandler | undefined {
  return table.get((request.params as { account: string }).account);
}

function readRequest(request: FastifyRequest): HookRequest {
  const below = (request.params as Record<string, string>)['*'];
  const rest = restOf(request.url);
  const at = rest.indexOf('?');
  return {
    method: request.method,
    path: below === undefined || below === '' ? '/' : `/${below}`,
    rest,
    query: Object.fromEntries(new URLSearchParams(at < 0 ? '' : rest.slice(at))),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}

/** What follows the account's segment, undecoded. */
function restOf(url: string): string {
  const rest = url.slice(HOOKS_PREFIX.length + 1);
  const end = rest.search(/[/?]/);
  return end < 0 ? '' : rest.slice(end);
}
