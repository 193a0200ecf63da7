import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { WebhookResponse } from '@fanin/connector-kit';
import type { FastifyInstance } from 'fastify';
import { refusalOf, type HookHandler, type HookRequest } from './webhooks.js';

export const HOOKS_PREFIX = '/hooks';

/** What is read of a body that is too large and thrown away: bytes unread when a connection closes reset it, and take the answer along. */
const THROWN_AWAY_BYTES = 32 * 1024 * 1024;

/** Handlers by account id: one table on each server, shared by all channel hosts that are in front of it. */
export type HookTable = Map<string, HookHandler>;

const DECORATION = 'faninHooks';

/** The server's table; the first call also makes the routes. Must be called before the server listens. */
export function hookTableOf(server: FastifyInstance): HookTable {
  if (server.hasDecorator(DECORATION)) return (server as unknown as Record<string, HookTable>)[DECORATION] as HookTable;
  const table: HookTable = new Map();
  server.decorate(DECORATION, table);
  // Encapsulated, and taken out of the framework's hands at once: the bytes are wanted as they are, whatever the type says,
  // and its parsers and serialisers cost a delivery more than the proof and the append.
  void server.register(async (hooks) => {
    hooks.addHook('onRequest', (request, reply, _done) => {
      reply.hijack();
      const { account } = request.params as { account: string };
      serveHook(table.get(account), request.raw, { raw: reply.raw, headers: reply.getHeaders() });
    });
    const never = (): void => undefined;
    hooks.all(`${HOOKS_PREFIX}/:account`, never);
    hooks.all(`${HOOKS_PREFIX}/:account/*`, never);
  });
  return table;
}

interface Response {
  readonly raw: ServerResponse;
  /** What the service sends with every answer. */
  readonly headers: Readonly<Record<string, OutgoingHttpHeader | undefined>>;
}

/** Reads one request whole and answers it. The body is kept as far as the account's limit allows, also where no length was declared. */
function serveHook(handler: HookHandler | undefined, request: IncomingMessage, response: Response): void {
  if (handler === undefined) return refuse(response, 404);
  const { maxBytes } = handler;
  // Nothing is read of a body that says itself that it is far too large.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + THROWN_AWAY_BYTES) return refuse(response, 413);
  const parts: Buffer[] = [];
  let size = 0;
  // By events: an iterator costs more than all the rest of it.
  request.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= maxBytes) parts.push(part);
    else parts.splice(0);
    if (size <= maxBytes + THROWN_AWAY_BYTES) return;
    request.pause();
    refuse(response, 413);
  });
  request.on('end', () => {
    if (size > maxBytes) return refuse(response, 413);
    const [first] = parts;
    const body = first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
    handler.handle(readRequest(request, body)).then(
      (answer) => send(response, answer),
      () => send(response, refusalOf(500, 'a fault of ours')),
    );
  });
  // A connection that ends before its body does is nobody's to answer.
  request.on('error', () => undefined);
}

const REFUSALS: Readonly<Record<number, string>> = { 404: 'there is no such account', 413: 'too large' };

/** The connection is closed: what is left of the body is not worth reading. */
function refuse(response: Response, status: number): void {
  if (response.raw.headersSent) return;
  const refusal = refusalOf(status, REFUSALS[status] ?? 'the request cannot be read');
  send(response, { ...refusal, headers: { ...refusal.headers, connection: 'close' } });
}

/** Head and body in one write. */
function send(response: Response, { status, headers, body = '' }: WebhookResponse): void {
  if (response.raw.destroyed) return;
  const hasBody = status !== 204 && status !== 304;
  const length = hasBody ? { 'content-length': Buffer.byteLength(body) } : undefined;
  response.raw.writeHead(status, { ...response.headers, ...headers, ...length }).end(hasBody ? body : undefined);
}

function readRequest(request: IncomingMessage, body: Buffer): HookRequest {
  const rest = restOf(request.url ?? '');
  const query = rest.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: pathOf(query < 0 ? rest : rest.slice(0, query)),
    rest,
    query: query < 0 ? NO_QUERY : Object.fromEntries(new URLSearchParams(rest.slice(query))),
    headers: headersOf(request),
    body,
  };
}

const NO_QUERY: Readonly<Record<string, string>> = Object.freeze({});

/** Node joins what comes several times, all but one header that no provider sends to us. */
function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  if (headers['set-cookie'] !== undefined) headers['set-cookie'] = headers['set-cookie'].join(', ') as never;
  return headers as Readonly<Record<string, string>>;
}

/** Decoded as routes are; what is no good encoding stays as it is, and is no channel's path. */
function pathOf(rest: string): string {
  if (rest === '' || rest === '/') return '/';
  if (!rest.includes('%')) return rest;
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

/** What follows the account's segment, undecoded. */
function restOf(url: string): string {
  const from = HOOKS_PREFIX.length + 1;
  const slash = url.indexOf('/', from);
  const query = url.indexOf('?', from);
  const end = slash < 0 ? query : query < 0 ? slash : Math.min(slash, query);
  return end < 0 ? '' : url.slice(end);
}
