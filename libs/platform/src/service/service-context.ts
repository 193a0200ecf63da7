import { BUS, topicSpecsOf, type Bus } from '@fanin/bus';
import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
import {
  CLOCK,
  CRASH_POINT,
  createSystemClock,
  LOGGER,
  messageOf,
  METRICS,
  noCrashPoints,
  type Clock,
  type CrashPoints,
  type Logger,
} from '@fanin/kernel';
import { createRawArchive } from '../archive/postgres-raw-archive.js';
import { RAW_ARCHIVE } from '../archive/raw-archive.js';
import { API_KEYS, createApiKeys, type ApiKeys } from '../auth/api-keys.js';
import { createSessions, SESSIONS, type Sessions } from '../auth/session.js';
import { CONFIG, type FaninConfig } from '../config/fanin-config.js';
import { DATABASE, type Database, type DatabasePart } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { createReadiness, READINESS, type Readiness } from '../health/readiness.js';
import { createLogger } from '../logging/logger.js';
import { createPrometheusMetrics, PROMETHEUS, type PrometheusMetrics } from '../metrics/prometheus-metrics.js';
import { OUTBOX } from '../outbox/outbox.js';
import { createOutbox } from '../outbox/postgres-outbox.js';
import { openBlobStore } from '../storage/open-blob-store.js';
import { createBus } from './create-bus.js';
import { FATAL, type Fatal } from './fatal.js';
import type { ServiceDefinition } from './service.js';
import { createShutdown, SHUTDOWN, within, type ShutdownSteps } from './shutdown.js';

/** Everything a running service stands on, made in this order and given back in the other. */
export interface ServiceContext {
  readonly name: string;
  readonly config: FaninConfig;
  readonly clock: Clock;
  readonly crashPoints: CrashPoints;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
  readonly database: Database;
  readonly bus: Bus;
  readonly keys: ApiKeys;
  readonly sessions: Sessions;
  readonly readiness: Readiness;
  readonly shutdown: ShutdownSteps;
  /** Rejects once `fatal` was called. */
  readonly failed: Promise<never>;
  readonly fatal: Fatal;
  /** For Nest: each under its injection token. */
  readonly providers: ReadonlyMap<symbol, unknown>;
  close(deadlineMs: number): Promise<void>;
}

export interface ContextOptions {
  readonly clock?: Clock;
  /** Default none. */
  readonly crashPoints?: CrashPoints;
  readonly logger?: Logger;
}

export async function openContext(
  name: string,
  definitions: readonly ServiceDefinition[],
  config: FaninConfig,
  options: ContextOptions = {},
): Promise<ServiceContext> {
  const clock = options.clock ?? createSystemClock();
  const crashPoints = options.crashPoints ?? noCrashPoints;
  const logger = options.logger ?? createLogger({ service: name, ...config.logging, clock });
  const metrics = createPrometheusMetrics({ service: name, logger });
  const database = await openDatabase({
    url: config.database.url ?? '',
    poolSize: config.database.pool_size,
    migrate: config.database.migrate,
    parts: partsOf(definitions),
    applicationName: `fanin-${name}`,
    clock,
    crashPoints,
    logger,
  });
  crashPoints.at('start.migrated');
  let bus: Bus | undefined;
  try {
    bus = await createBus(config, name, { clock, logger, metrics });
    await bus.ensureTopics(topicSpecsOf(config.bus.topic_prefix));
    crashPoints.at('start.topics');
    const blobs = await openBlobStore(config.storage);
    return assemble({
      name,
      config,
      clock,
      crashPoints,
      logger,
      metrics,
      database,
      bus,
      blobs: blobs.store,
      closeBlobs: blobs.close,
    });
  } catch (error) {
    await bus?.close();
    await database.close();
    metrics.close();
    throw error;
  }
}

interface Made extends Pick<
  ServiceContext,
  'name' | 'config' | 'clock' | 'crashPoints' | 'logger' | 'metrics' | 'database' | 'bus'
> {
  readonly blobs: BlobStore;
  readonly closeBlobs: () => void;
}

function assemble(made: Made): ServiceContext {
  const { name, config, clock, crashPoints, logger, metrics, database, bus, blobs } = made;
  const readiness = createReadiness(clock);
  const unreachable = (what: string, target: { reachable(timeoutMs: number): Promise<boolean> }) => async () =>
    (await target.reachable(1_500)) ? undefined : `${what} does not answer`;
  readiness.add('database', unreachable('PostgreSQL', database));
  readiness.add('bus', unreachable(config.bus.engine === 'kafka' ? 'Kafka' : 'the log in PostgreSQL', bus));
  readiness.add('storage', unreachable('the object store', blobs));
  const keys = createApiKeys(database, clock);
  const sessions = createSessions({
    secret: config.auth.session_secret ?? '',
    operatorToken: config.auth.session_secret === undefined ? undefined : config.auth.operator_token,
    secure: config.http.public_url?.startsWith('https:') === true,
    clock,
  });
  const shutdown = createShutdown(clock, logger);
  let die: Fatal = () => undefined;
  const failed = new Promise<never>((_, reject) => (die = reject));
  failed.catch(() => undefined);
  let cause: string | undefined;
  const fatal: Fatal = (error) => {
    cause ??= messageOf(error);
    die(error);
  };
  readiness.add('consumers', () => (cause === undefined ? undefined : `a consumer stopped: ${cause}`));
  const providers = new Map<symbol, unknown>([
    [CLOCK, clock],
    [CRASH_POINT, crashPoints],
    [LOGGER, logger],
    [METRICS, metrics],
    [PROMETHEUS, metrics],
    [CONFIG, config],
    [DATABASE, database],
    [BUS, bus],
    [OUTBOX, createOutbox(name)],
    [BLOB_STORE, blobs],
    [RAW_ARCHIVE, createRawArchive(database, blobs, clock)],
    [API_KEYS, keys],
    [SESSIONS, sessions],
    [READINESS, readiness],
    [SHUTDOWN, shutdown],
    [FATAL, fatal],
  ]);
  const close = async (deadlineMs: number): Promise<void> => {
    await within(() => bus.close(), 'bus', deadlineMs, clock, logger);
    await within(() => database.close(), 'database', deadlineMs, clock, logger);
    made.closeBlobs();
    metrics.close();
  };
  return {
    name,
    config,
    clock,
    crashPoints,
    logger,
    metrics,
    database,
    bus,
    keys,
    sessions,
    readiness,
    shutdown,
    failed,
    fatal,
    providers,
    close,
  };
}

/** A part that two services bring is applied once; the platform's own comes first. */
function partsOf(definitions: readonly ServiceDefinition[]): DatabasePart[] {
  const parts = [PLATFORM_PART, ...definitions.flatMap(({ database }) => database)];
  return parts.filter((part, i) => parts.findIndex((other) => other.schema === part.schema) === i);
}
