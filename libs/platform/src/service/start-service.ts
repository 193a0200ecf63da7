import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ApiKeys } from '../auth/api-keys.js';
import type { FaninConfig } from '../config/fanin-config.js';
import { createApplication, listen } from '../http/create-application.js';
import { startOutboxRelay, type OutboxRelay } from '../outbox/outbox-relay.js';
import { connectConsumers, type Consumers } from './consumers.js';
import { PlatformModule } from './platform.module.js';
import { openContext, type ContextOptions, type ServiceContext } from './service-context.js';
import type { ServiceDefinition } from './service.js';
import { within } from './shutdown.js';

export interface StartOptions extends ContextOptions {
  /** Name of the process in logs, metrics and the outbox; the definition's own when there is one only. */
  readonly name?: string;
}

export interface RunningService {
  /** Address that this process listens on, without a slash at the end. */
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly keys: ApiKeys;
  /** Never resolves; rejects when a consumer died of something that only a restart mends. */
  readonly failed: Promise<never>;
  /** Ends in order, within `deadlineMs` (default 8 000). Idempotent, never rejects. */
  stop(deadlineMs?: number): Promise<void>;
}

/**
 * Starts one service, or several in one process. In order: database and migrations, bus and topics, object store, Nest,
 * consumers, outbox relay, HTTP. What was opened before a failure is closed again, then the failure is thrown.
 */
export async function startService(
  definitions: ServiceDefinition | readonly ServiceDefinition[],
  config: FaninConfig,
  options: StartOptions = {},
): Promise<RunningService> {
  const list = 'name' in definitions ? [definitions] : definitions;
  const name = options.name ?? list[0]?.name ?? 'fanin';
  const context = await openContext(name, list, config, options);
  const state: State = { phase: 'starting', app: undefined, consumers: undefined, relay: undefined };
  context.readiness.add('service', () => (state.phase === 'running' ? undefined : `the service is ${state.phase}`));
  try {
    return await run(context, list, state);
  } catch (error) {
    await end(context, state, 3_000);
    throw error;
  }
}

interface State {
  phase: 'starting' | 'running' | 'stopping';
  app: NestFastifyApplication | undefined;
  consumers: Consumers | undefined;
  relay: OutboxRelay | undefined;
}

async function run(
  context: ServiceContext,
  definitions: readonly ServiceDefinition[],
  state: State,
): Promise<RunningService> {
  const modules = [PlatformModule.with(context.providers), ...definitions.flatMap(({ modules: own }) => own)];
  const { config, keys, sessions, logger } = context;
  const app = await createApplication({ modules, http: config.http, keys, sessions, logger });
  state.app = app;
  state.consumers = connectConsumers(app, context, context.fatal);
  await app.init();
  await state.consumers.start();
  state.relay = startOutboxRelay({ ...context, service: context.name });
  context.crashPoints.at('start.consuming');
  const url = await listen(app, config.http);
  state.phase = 'running';
  logger.info('service is ready', { url_path: '/', port: Number(new URL(url).port), engine: config.bus.engine });
  let stopping: Promise<void> | undefined;
  return {
    url,
    app,
    keys,
    failed: context.failed,
    stop: (deadlineMs = 8_000) => (stopping ??= end(context, state, deadlineMs)),
  };
}

/**
 * Not ready → take in nothing new → finish and commit what was fetched → empty the outbox → close HTTP →
 * give back connections. Every step has what is left of the deadline; the last ones always get a moment.
 */
async function end(context: ServiceContext, state: State, deadlineMs: number): Promise<void> {
  const { clock, logger, shutdown } = context;
  const until = clock.monotonicMs() + deadlineMs;
  const left = (): number => Math.max(250, until - clock.monotonicMs());
  state.phase = 'stopping';
  shutdown.begin();
  await shutdown.run('sources', left() * 0.3);
  await within(async () => state.consumers?.stop(), 'consumers', left() * 0.6, clock, logger);
  await within(async () => state.relay?.stop(left() * 0.5), 'outbox relay', left() * 0.7, clock, logger);
  await within(() => closeHttp(state.app), 'http', left() * 0.5, clock, logger);
  await shutdown.run('close', left() * 0.5);
  await context.close(left() * 0.5);
  logger.info('service has stopped');
}

/** Connections that still hold a stream open after the signal are cut. */
async function closeHttp(app: NestFastifyApplication | undefined): Promise<void> {
  if (app === undefined) return;
  const server = app.getHttpServer();
  const cut = setTimeout(() => server.closeAllConnections(), 1_000);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
