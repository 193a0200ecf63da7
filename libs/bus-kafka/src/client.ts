import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import { clientLog } from './client-log.js';
import type { Settings } from './options.js';
import { letQueuesRest } from './request-queue.js';
import type { Sockets } from './sockets.js';
import { createSockets } from './sockets.js';

letQueuesRest();

/**
 * kafkajs' own retries are few and short: every caller here has a deadline of its own and asks again, and its defaults
 * take 8 to 12 s to give up on a dead broker.
 */
export const CLIENT_RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 } as const;

export function clientConfig(settings: Settings, sockets: Sockets): KafkaConfig {
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: 3_000,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: CLIENT_RETRY,
    socketFactory: sockets.factory,
    logLevel: logLevel.WARN,
    logCreator: clientLog(settings.deps.logger),
  };
  if (settings.tls !== undefined) config.ssl = settings.tls;
  if (settings.sasl !== undefined) config.sasl = { ...settings.sasl } as SASLOptions;
  return config;
}

/** A kafkajs client with connections of its own. Producer and each subscription have one each. */
export interface Client {
  readonly kafka: Kafka;
  readonly sockets: Sockets;
}

export function createClient(settings: Settings): Client {
  const sockets = createSockets();
  return { kafka: new Kafka(clientConfig(settings, sockets)), sockets };
}
