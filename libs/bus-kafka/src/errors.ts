import type { ErrorCode } from '@fanin/kernel';
import { FaninError, messageOf } from '@fanin/kernel';

/** What kafkajs' errors carry beside a message: `type` is the protocol's name of the error. */
interface ClientError {
  readonly name?: string;
  readonly type?: string;
  readonly cause?: unknown;
  readonly retriable?: boolean;
}

const CODE_BY_TYPE: Readonly<Record<string, ErrorCode>> = {
  SASL_AUTHENTICATION_FAILED: 'AUTH',
  UNSUPPORTED_SASL_MECHANISM: 'CONFIG',
  TOPIC_AUTHORIZATION_FAILED: 'PERMISSION',
  GROUP_AUTHORIZATION_FAILED: 'PERMISSION',
  CLUSTER_AUTHORIZATION_FAILED: 'PERMISSION',
  UNKNOWN_TOPIC_OR_PARTITION: 'CONFIG',
  INVALID_TOPIC_EXCEPTION: 'CONFIG',
  INVALID_PARTITIONS: 'CONFIG',
  INVALID_REPLICATION_FACTOR: 'CONFIG',
  INVALID_CONFIG: 'CONFIG',
  POLICY_VIOLATION: 'CONFIG',
  INVALID_SESSION_TIMEOUT: 'CONFIG',
  UNSUPPORTED_VERSION: 'CONFIG',
  MESSAGE_TOO_LARGE: 'BAD_PAYLOAD',
  RECORD_LIST_TOO_LARGE: 'BAD_PAYLOAD',
  INVALID_TIMESTAMP: 'BAD_PAYLOAD',
  INVALID_RECORD: 'BAD_PAYLOAD',
};

function chain(error: unknown): readonly ClientError[] {
  const links: ClientError[] = [];
  for (
    let link = error;
    typeof link === 'object' && link !== null && links.length < 8;
    link = (link as ClientError).cause
  )
    links.push(link);
  return links;
}

/** True when the error, or one that caused it, has this protocol type (`REBALANCE_IN_PROGRESS`) or name. */
export function isClientError(error: unknown, ...names: readonly string[]): boolean {
  return chain(error).some((link) => names.includes(link.type ?? '') || names.includes(link.name ?? ''));
}

/** True when a broker answered, if only with a refusal. */
export function brokerAnswered(error: unknown): boolean {
  return chain(error).some((link) => link.type !== undefined && link.name === 'KafkaJSProtocolError');
}

/**
 * The error of the closed list for whatever kafkajs threw. What is not known to be final counts as TRANSIENT: kafkajs
 * throws plain TypeErrors out of its own state while brokers come and go, and every caller has a deadline of its own.
 */
export function toFaninError(error: unknown, doing: string): FaninError {
  if (error instanceof FaninError) return error;
  const links = chain(error);
  const known = links.map((link) => CODE_BY_TYPE[link.type ?? '']).find((code) => code !== undefined);
  const sasl = links.some((link) => link.name === 'KafkaJSSASLAuthenticationError');
  const code: ErrorCode = known ?? (sasl ? 'AUTH' : 'TRANSIENT');
  return new FaninError(code, `Kafka: ${doing} failed: ${messageOf(error)}`, { cause: error });
}
