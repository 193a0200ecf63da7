import type { ConnectionOptions } from 'node:tls';
import type { BusDependencies } from '@fanin/bus';

/** User name and password by one of the mechanisms that kafkajs speaks. */
export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaBusOptions {
  /** Bootstrap addresses `host:port`; name several, the first that answers is used. */
  readonly brokers: readonly string[];
  /** Names this service in the brokers' logs and quotas. */
  readonly clientId: string;
  readonly deps: BusDependencies;
  /** true for the system's certificate authorities, or Node's TLS options. */
  readonly tls?: boolean | ConnectionOptions;
  readonly sasl?: KafkaSasl;
  /** Copies of a topic that `ensureTopics` creates; the brokers' own default when absent. */
  readonly replicationFactor?: number;
  /**
   * After this long without a heartbeat the group takes a member's partitions away: how long a killed consumer's
   * partitions stand still. Brokers accept 6 000 and more. Default 8 000.
   */
  readonly sessionTimeoutMs?: number;
  /** Default 1 000: also how soon a member notices that another came or went. */
  readonly heartbeatIntervalMs?: number;
  /** How long a batch in work may go on after the group began to rebalance, before its signal aborts (default 5 000). */
  readonly rebalanceGraceMs?: number;
  /** Answer to one request (default 10 000): a half-open connection is noticed after this long. */
  readonly requestTimeoutMs?: number;
  /** Deadline of a publish that names none (default 1 800: a webhook is answered within 2 s). */
  readonly publishTimeoutMs?: number;
  /** Batches handled at once by one subscription (default: the number of cores, at most 4). */
  readonly concurrency?: number;
  /** Bytes asked for per partition and fetch (default 512 KiB): a whole fetch is decoded in memory at once. */
  readonly maxBytesPerPartition?: number;
  /** Bytes asked for per fetch from one broker (default 4 MiB). */
  readonly maxBytes?: number;
}

/** The options with every default filled in. */
export interface Settings extends KafkaBusOptions {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceGraceMs: number;
  readonly requestTimeoutMs: number;
  readonly concurrency: number;
  readonly maxBytesPerPartition: number;
  readonly maxBytes: number;
}

export function withDefaults(options: KafkaBusOptions, cores: number): Settings {
  return {
    ...options,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 8_000,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 1_000,
    rebalanceGraceMs: options.rebalanceGraceMs ?? 5_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    concurrency: options.concurrency ?? Math.max(1, Math.min(4, cores)),
    maxBytesPerPartition: options.maxBytesPerPartition ?? 512 * 1024,
    maxBytes: options.maxBytes ?? 4 * 1024 * 1024,
  };
}
