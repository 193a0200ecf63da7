import type { Bus, BusDependencies, TopicSpec } from '@fanin/bus';
import { deadLetterTopic, topicName, TOPICS } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import type { FaninConfig } from '../config/fanin-config.js';

/** The engine that the configuration names; the other one's client is not even loaded. */
export async function createBus(config: FaninConfig, service: string, deps: BusDependencies): Promise<Bus> {
  if (config.bus.engine === 'postgres') {
    if (config.database.url === undefined) throw new FaninError('CONFIG', 'database.url is missing');
    const { createPostgresBus } = await import('@fanin/bus-postgres');
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

/** Every declared topic and its dead letters, which keep their order per key and so have as many partitions. */
export function topicSpecs(prefix: string): TopicSpec[] {
  return Object.values(TOPICS).flatMap((declaration) => {
    const name = topicName(declaration, prefix);
    const { partitions, retentionMs, cleanup } = declaration;
    return [
      { name, partitions, retentionMs, cleanup },
      {
        name: deadLetterTopic(name),
        partitions,
        retentionMs: Math.max(retentionMs, 30 * 86_400_000),
        cleanup: 'delete' as const,
      },
    ];
  });
}
