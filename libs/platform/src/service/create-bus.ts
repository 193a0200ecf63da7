import { deadLetterSpecOf, type Bus, type BusDependencies, type TopicSpec } from '@fanin/bus';
import { createPostgresBus } from '@fanin/bus-postgres';
import { topicName, TOPICS } from '@fanin/contracts';
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

/** Every declared topic and its dead letters. */
export function topicSpecs(prefix: string): TopicSpec[] {
  return Object.values(TOPICS).flatMap((declaration) => {
    const { partitions, retentionMs, cleanup } = declaration;
    const spec: TopicSpec = { name: topicName(declaration, prefix), partitions, retentionMs, cleanup };
    return [spec, deadLetterSpecOf(spec)];
  });
}
