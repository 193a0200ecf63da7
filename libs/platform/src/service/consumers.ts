import { BusTransport } from '@fanin/bus';
import { messageOf } from '@fanin/kernel';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createDeadLetterFates } from './dead-letter-fates.js';
import type { ServiceContext } from './service-context.js';

/** The consumers of a service: whatever its controllers declare with `@ConsumeBatch`. */
export interface Consumers {
  /** Resolves when all have subscribed. */
  start(): Promise<void>;
  /** Finishes and commits the batches in work, leaves the groups. */
  stop(): Promise<void>;
}

/** Batches in work get this long at the end; the rest of the shutdown needs its share of ten seconds too. */
const DRAIN_MS = 3_500;

/** Plugs the bus into Nest as a transport. `onFailure` is told of a consumer that only a restart mends. */
export function connectConsumers(
  app: NestFastifyApplication,
  { bus, clock, config, crashPoints, logger, metrics, name }: ServiceContext,
  onFailure: (error: unknown) => void,
): Consumers {
  const topicPrefix = config.bus.topic_prefix;
  const transport = new BusTransport({
    bus,
    clock,
    logger,
    metrics,
    topicPrefix,
    onFailure,
    onDeadLettered: createDeadLetterFates({ bus, clock, crashPoints }, topicPrefix, `/fanin/${name}`),
    drainMs: DRAIN_MS,
  });
  app.connectMicroservice({ strategy: transport });
  return {
    start: async () => void (await app.startAllMicroservices()),
    stop: async () => {
      await transport
        .close()
        .catch((error: unknown) => logger.warn('consumers did not stop cleanly', { reason: messageOf(error) }));
    },
  };
}
