import type { Logger } from '@fanin/kernel';
import type { logCreator } from 'kafkajs';
import { logLevel } from 'kafkajs';

/** Fields of kafkajs' log lines that hold names and numbers only; a record's content can never be among them. */
const SAFE_FIELDS = [
  'groupId',
  'memberId',
  'topic',
  'partition',
  'broker',
  'nodeId',
  'retryCount',
  'retryTime',
  'size',
] as const;

/**
 * Carries kafkajs' log into ours. It logs as errors what it then retries (a closed connection, a rebalance), so its
 * errors are our warnings: what becomes of them is told by the code that called it.
 */
export function clientLog(logger: Logger): logCreator {
  return () => (entry) => {
    const fields: Record<string, unknown> = { namespace: entry.namespace, reason: entry.log.message };
    for (const name of SAFE_FIELDS) if (entry.log[name] !== undefined) fields[name] = entry.log[name];
    if (typeof entry.log['error'] === 'string') fields['error'] = entry.log['error'];
    if (entry.level <= logLevel.WARN) logger.warn('The Kafka client reports a problem', fields);
    else logger.debug('The Kafka client reports', fields);
  };
}
