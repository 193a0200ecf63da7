import type { Bus, BusDependencies } from '@fanin/bus';
import { createPostgresBus } from '@fanin/bus-postgres';
import { FaninError } from '@fanin/kernel';
import type { FaninConfig } from '../config/fanin-config.js';

/** The engine that the configuration names; without Kafka its client is not even loaded. */
export async function createBus(config: FaninConfig, service: string, deps: BusDependencies): Promise<Bus> {
  if (config.bus.engine === 'postgres') {
    if (config.database.url === undefined) throw new FaninError('CONFIG', 'database.url is missing');
    return createPostgresBus({ url: config.database.url, ...deps });
  }
  const { kafka } = config.bus;
  if (kafka === undefined) throw new FaninError('CONFIG', 'bus.kafka is missing');
  const { createKafkaBus } = await import('@fanin/bus-kafka');
  return createKafkaBus({
    brokers: kafka.brokers,
    clientId: `${kafka.client_id}-${service}`,
    tls: kafka.tls,
    ...(kafka.sasl === undefined ? {} : { sasl: kafka.sasl }),
    replicationFactor: config.bus.replication_factor,
    deps,
  });
}
