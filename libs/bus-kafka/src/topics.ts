import type { TopicSpec } from '@fanin/bus';
import { FaninError, codeOf } from '@fanin/kernel';
import type { Admin, ITopicConfig } from 'kafkajs';
import { createClient } from './client.js';
import type { ClusterAccess } from './cluster-access.js';
import { isClientError, toFaninError } from './errors.js';
import type { Settings } from './options.js';
import { within } from './within.js';

/** How long brokers may take to hear of a new topic. */
const SETTLE_MS = 10_000;

/** Creates the topics that are missing and compares the partition counts of those that are there. */
export async function ensureTopics(
  settings: Settings,
  access: ClusterAccess,
  wanted: readonly TopicSpec[],
): Promise<void> {
  if (wanted.length === 0) return;
  const client = createClient(settings);
  const admin = client.kafka.admin();
  try {
    await admin.connect();
    const present = new Set(await admin.listTopics());
    const missing = wanted.filter((topic) => !present.has(topic.name));
    if (missing.length > 0)
      await create(
        admin,
        missing.map((topic) => toConfig(topic, settings.replicationFactor)),
      );
  } catch (error) {
    throw toFaninError(error, 'making sure of the topics');
  } finally {
    await within(
      settings.deps.clock,
      1_000,
      admin.disconnect().catch(() => undefined),
    );
    client.sockets.destroy();
  }
  for (const topic of wanted) compare(topic, await settled(settings, access, topic.name));
}

/**
 * Waits until the brokers know the topic and each partition has a leader. kafkajs' own way of waiting fails when it asks
 * a broker that has not heard of the topic yet.
 */
async function settled(settings: Settings, access: ClusterAccess, topic: string): Promise<number> {
  const { clock } = settings.deps;
  const deadline = clock.monotonicMs() + SETTLE_MS;
  for (;;) {
    try {
      return await access.partitionsWithLeaders(topic);
    } catch (error) {
      if (!['TRANSIENT', 'CONFIG'].includes(codeOf(error)) || clock.monotonicMs() > deadline) throw error;
      await clock.sleep(50);
    }
  }
}

function toConfig(topic: TopicSpec, replicationFactor: number | undefined): ITopicConfig {
  const config: ITopicConfig = {
    topic: topic.name,
    numPartitions: topic.partitions,
    configEntries: [
      { name: 'cleanup.policy', value: topic.cleanup },
      { name: 'retention.ms', value: String(topic.retentionMs) },
    ],
  };
  if (replicationFactor !== undefined) config.replicationFactor = replicationFactor;
  return config;
}

async function create(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  try {
    await admin.createTopics({ topics, waitForLeaders: false, timeout: 10_000 });
  } catch (error) {
    // Another service of the same start was quicker with one of them: make the others, one by one.
    if (!isClientError(error, 'TOPIC_ALREADY_EXISTS', 'KafkaJSAggregateError')) throw error;
    for (const topic of topics) {
      await admin.createTopics({ topics: [topic], waitForLeaders: false, timeout: 10_000 }).catch((again: unknown) => {
        if (!isAlreadyThere(again)) throw again;
      });
    }
  }
}

function isAlreadyThere(error: unknown): boolean {
  if (isClientError(error, 'TOPIC_ALREADY_EXISTS')) return true;
  const errors = (error as { errors?: readonly unknown[] }).errors;
  return errors !== undefined && errors.every((each) => isClientError(each, 'TOPIC_ALREADY_EXISTS'));
}

function compare(topic: TopicSpec, found: number): void {
  if (found === topic.partitions) return;
  throw new FaninError(
    'CONFIG',
    `The topic ${topic.name} has ${found} partitions, not ${topic.partitions}. A key would change its partition: move to a new topic instead of changing the count.`,
  );
}
