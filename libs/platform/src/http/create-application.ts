import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { FaninError, type Logger } from '@fanin/kernel';
import type { ApiKeys } from '../auth/api-keys.js';
import { AuthGuard } from '../auth/auth.guard.js';
import { registerLogin } from '../auth/login.js';
import type { Sessions } from '../auth/session.js';
import type { HttpConfig } from '../config/fanin-config.js';
import { createNestLogger } from '../logging/nest-logger.js';
import { registerApiPage } from './api-page.js';
import { InputPipe } from './input.pipe.js';
import { ProblemFilter } from './problem.filter.js';
import { answerBadAddress, registerRequestChecks } from './request-checks.js';
import { registerSecurityHeaders } from './security-headers.js';

export interface ApplicationOptions {
  readonly modules: readonly (Type | DynamicModule)[];
  readonly http: HttpConfig;
  readonly keys: ApiKeys;
  readonly sessions: Sessions;
  readonly logger: Logger;
}

/** JSON bodies of the API; webhooks have limits of their own. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Longer than load balancers keep an idle line (60 s by default: nginx's upstream keepalive_timeout, the idle timeout of AWS's):
 * whoever closes it first must be the one who would write next, or a request on its way meets a reset.
 */
const KEEP_ALIVE_MS = 72_000;

/** A Nest application on Fastify with everything that holds for every route: login, input checks, problem answers, headers. */
export async function createApplication(options: ApplicationOptions): Promise<NestFastifyApplication> {
  @Module({ imports: [...options.modules] })
  class ServiceModule {}

  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: (_address, hop) => hop < options.http.trusted_proxy_hops,
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: answerBadAddress,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule, adapter, {
    rawBody: true,
    bodyParser: true,
    bufferLogs: false,
    abortOnError: false,
    logger: createNestLogger(options.logger),
  });
  const fastify = adapter.getInstance();
  registerSecurityHeaders(fastify as never, { secure: options.http.public_url?.startsWith('https:') === true });
  registerRequestChecks(fastify as never, { bodyBytes: BODY_LIMIT_BYTES });
  registerLogin(fastify as never, { sessions: options.sessions, firstTenant: '*' });
  app.useGlobalGuards(new AuthGuard(app.get(Reflector), options.keys, options.sessions));
  app.useGlobalPipes(new InputPipe());
  app.useGlobalFilters(new ProblemFilter(options.logger));
  registerApiPage(app, options);
  return app;
}

/** Begins to listen and returns the address. CONFIG with what to do when the port is taken or may not be used. */
export async function listen(app: NestFastifyApplication, http: HttpConfig): Promise<string> {
  try {
    await app.listen(http.port, http.host);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    const where = `HTTP port ${http.port} on ${http.host}`;
    if (code === 'EADDRINUSE')
      throw new FaninError(
        'CONFIG',
        `${where} is taken. Name another (--http-port N, http.port) or stop what listens there.`,
      );
    if (code === 'EACCES')
      throw new FaninError(
        'CONFIG',
        `${where} may not be used by this user. Take one above 1023 (--http-port N, http.port).`,
      );
    if (code === 'EADDRNOTAVAIL')
      throw new FaninError('CONFIG', `${http.host} is no address of this machine (http.host).`);
    throw error;
  }
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
