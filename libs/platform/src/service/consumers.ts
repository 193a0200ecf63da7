import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceContext } from './service-context.js';

/** The consumers of a service: whatever its modules declare with the bus's Nest decorators. */
export interface Consumers {
  start(): Promise<void>;
  /** Why not all of them work; undefined when they do. */
  problem(): string | undefined;
  readonly failed: Promise<never>;
  stop(deadlineMs: number): Promise<void>;
}

export function connectConsumers(_app: NestFastifyApplication, _context: ServiceContext): Consumers {
  return {
    start: async () => undefined,
    problem: () => undefined,
    failed: new Promise<never>(() => undefined),
    stop: async () => undefined,
  };
}
