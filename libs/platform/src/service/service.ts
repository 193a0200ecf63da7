import type { DynamicModule, Type } from '@nestjs/common';
import type { DatabasePart } from '../database/database.js';

/**
 * One service as an app (or standalone) starts it. The platform gives every service the providers CLOCK, LOGGER, METRICS,
 * BUS, DATABASE, OUTBOX, BLOB_STORE, RAW_ARCHIVE and CONFIG, /health/live, /health/ready, /metrics, the auth guard,
 * problem+json errors and ordered shutdown. In standalone all services share one HTTP server and one process but reach
 * each other only over the bus or HTTP.
 */
export interface ServiceDefinition {
  /** kebab-case, e.g. `ticket-core`; consumer groups are `<prefix>.<name>[.<purpose>]`. */
  readonly name: string;
  readonly database: readonly DatabasePart[];
  /** Nest modules of the service: controllers, consumers (declared with the bus's Nest decorators), providers. */
  readonly modules: readonly (Type | DynamicModule)[];
}
