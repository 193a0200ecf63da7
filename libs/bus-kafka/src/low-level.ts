import { createRequire } from 'node:module';
import { logLevel } from 'kafkajs';
import { clientConfig } from './client.js';
import { clientLog } from './client-log.js';
import type { Settings } from './options.js';
import type { Sockets } from './sockets.js';

/**
 * kafkajs' public surface can read only as a member of a group, which costs a join and leaves a group behind, and can
 * move a group's position only by joining it. The parts below it do both in one request. They are not exported, so their
 * shapes are declared here; kafkajs is pinned to 2.2.4, its last release, and the bus suite runs against real brokers.
 */
const load = createRequire(import.meta.url);

export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly FetchedMessage[];
}

/** A request of ours, as kafkajs' connections send it. */
export interface EncodedRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer; size(): number }>;
}

export interface ResponseReader<T> {
  decode(bytes: Buffer): Promise<{ readonly answers: T; readonly clientSideThrottleTime: number }>;
  parse(decoded: { readonly answers: T }): Promise<T>;
}

export interface LowLevelBroker {
  /** Also signs in, keeps to the broker's quota, and ends a request that takes too long. */
  readonly connectionPool: {
    send<T>(exchange: { readonly request: EncodedRequest; readonly response: ResponseReader<T> }): Promise<T>;
  };
  fetch(request: {
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly isolationLevel: number;
    readonly rackId: string;
    readonly topics: readonly {
      topic: string;
      partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[];
    }[];
  }): Promise<{
    readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
  }>;
  offsetFetch(request: {
    readonly groupId: string;
    readonly topics: readonly { topic: string; partitions: readonly { partition: number }[] }[];
  }): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { partition: number; offset: string }[];
    }[];
  }>;
  offsetCommit(request: {
    readonly groupId: string;
    readonly groupGenerationId: number;
    readonly memberId: string;
    readonly topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
}

export interface PartitionMetadata {
  readonly partitionId: number;
  readonly leader: number;
}

export interface LowLevelCluster {
  /** Topics that every metadata request asks for. */
  readonly targetTopics: Set<string>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  removeBroker(address: { host: string; port: number }): void;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  findBroker(target: { nodeId: number }): Promise<LowLevelBroker>;
  findGroupCoordinator(target: { groupId: string }): Promise<LowLevelBroker>;
  fetchTopicsOffset(
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number }[];
      fromBeginning?: boolean;
      fromTimestamp?: number;
    }[],
  ): Promise<
    readonly { readonly topic: string; readonly partitions: readonly { partition: number; offset: string }[] }[]
  >;
}

/** Leaves out control records and records of aborted transactions. */
export interface FetchedBatch {
  readonly messages: readonly FetchedMessage[];
  lastOffset(): string;
  isEmptyIncludingFiltered(): boolean;
}

export const READ_COMMITTED = 1;

export function createLowLevelCluster(settings: Settings, sockets: Sockets): LowLevelCluster {
  const Cluster = load('kafkajs/src/cluster') as new (options: object) => LowLevelCluster;
  const { createLogger } = load('kafkajs/src/loggers') as { createLogger(options: object): object };
  const logger = createLogger({ level: logLevel.WARN, logCreator: clientLog(settings.deps.logger) });
  return new Cluster({
    ...clientConfig(settings, sockets),
    ssl: settings.tls ?? null,
    logger,
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}

/** kafkajs' error for a code of the protocol: carries its name as `type`, and whether it may pass by itself. */
export function protocolError(code: number): Error & { readonly type: string; readonly retriable: boolean } {
  const errors = load('kafkajs/src/protocol/error') as {
    createErrorFromCode(code: number): ReturnType<typeof protocolError>;
  };
  return errors.createErrorFromCode(code);
}

export function openBatch(topic: string, fetchOffset: string, data: FetchedPartition): FetchedBatch {
  const Batch = load('kafkajs/src/consumer/batch') as new (
    topic: string,
    fetchOffset: string,
    data: FetchedPartition,
  ) => FetchedBatch;
  return new Batch(topic, fetchOffset, data);
}
