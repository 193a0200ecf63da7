import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendLoginPage } from '../http/login-page.js';
import type { Sessions } from './session.js';

export interface LoginOptions {
  readonly sessions: Sessions;
  /** Tenant a new session begins with. */
  readonly firstTenant: string;
}

/**
 * Any page opened with `?token=…` sets the cookie and is asked for again without the token, so that it stays neither in
 * the address bar nor in a history or a log. `POST /session` does the same from the login form.
 */
export function registerLogin(fastify: FastifyInstance, options: LoginOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const token = request.method === 'GET' ? tokenOf(request) : undefined;
    if (token === undefined) return done();
    if (!options.sessions.mayEnter(token)) return refuse(reply);
    enter(reply, options, withoutToken(request.url), 302);
  });
  fastify.post('/session', (request, reply) => {
    const form = request.body as Readonly<Record<string, unknown>> | undefined;
    const token = form?.['token'];
    if (typeof token !== 'string' || !options.sessions.mayEnter(token)) return refuse(reply);
    enter(reply, options, '/', 303);
  });
}

function enter(reply: FastifyReply, { sessions, firstTenant }: LoginOptions, to: string, status: 302 | 303): void {
  void reply
    .header('set-cookie', sessions.cookieFor(firstTenant))
    .header('cache-control', 'no-store')
    .redirect(to, status);
}

function refuse(reply: FastifyReply): void {
  sendLoginPage(reply, 'This token is not valid. Look at what Fanin printed when it last started.');
}

function tokenOf(request: FastifyRequest): string | undefined {
  if (request.url.startsWith('/api/') || request.url.startsWith('/hooks/')) return undefined;
  const token = (request.query as Readonly<Record<string, unknown>>)['token'];
  return typeof token === 'string' ? token : undefined;
}

function withoutToken(url: string): string {
  const [path = '/', query = ''] = url.split('?', 2);
  const rest = new URLSearchParams(query);
  rest.delete('token');
  const text = rest.toString();
  // '//host' would be an address elsewhere.
  const safePath = `/${path.replace(/^[/\\]+/, '')}`;
  return text === '' ? safePath : `${safePath}?${text}`;
}
