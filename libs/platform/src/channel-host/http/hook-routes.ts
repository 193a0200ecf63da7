import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HookHandler, HookRequest } from './webhooks.js';

export const HOOKS_PREFIX = '/hooks';

/** Handlers by account id: one table on each server, shared by all channel hosts that are in front of it. */
export type HookTable = Map<string, HookHandler>;

const DECORATION = 'faninHooks';
/** What no channel may go above. Each has its own limit below it, see `ChannelManifest.limits`. */
const SERVER_LIMIT_BYTES = 64 * 1024 * 1024;

/** The server's table; the first call also makes the routes. Must be called before the server listens. */
export function hookTableOf(server: FastifyInstance): HookTable {
  if (server.hasDecorator(DECORATION)) return (server as unknown as Record<string, HookTable>)[DECORATION] as HookTable;
  const table: HookTable = new Map();
  server.decorate(DECORATION, table);
  // Encapsulated: these routes take the bytes as they are, whatever the type says; the API's JSON parser does not see them.
  void server.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const options = { bodyLimit: SERVER_LIMIT_BYTES, preParsing: refuseEarly(table) };
    hooks.all(`${HOOKS_PREFIX}/:account`, options, (request, reply) => answer(table, request, reply));
    hooks.all(`${HOOKS_PREFIX}/:account/*`, options, (request, reply) => answer(table, request, reply));
  });
  return table;
}

/** A declared size above the account's limit is refused before a byte of it is read. */
function refuseEarly(table: HookTable) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const limit = handlerOf(table, request)?.maxBytes;
    if (limit !== undefined && Number(request.headers['content-length'] ?? 0) > limit)
      await reply.code(413).header('connection', 'close').type('text/plain').send('too large');
  };
}

async function answer(table: HookTable, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const handler = handlerOf(table, request);
  if (handler === undefined) return reply.code(404).type('text/plain').send('there is no such account');
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
  const rest = (request.params as Record<string, string>)['*'];
  const at = request.url.indexOf('?');
  const search = at < 0 ? '' : request.url.slice(at);
  return {
    method: request.method,
    path: rest === undefined || rest === '' ? '/' : `/${rest}`,
    search,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}
