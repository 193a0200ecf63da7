import { FaninError } from './errors.js';

/**
 * The places where a process may be made to die, each behind one step that is durable and before the one that would say
 * so. Closed: a case in @fanin/trials belongs to every name.
 */
export const CRASH_POINTS = {
  'capture.webhook.appended': 'a delivery is in the log, the provider has not got its 2xx',
  'capture.stream.appended':
    'a delivery is in the log, the SMTP client has not got its 250, the chat client not its ack',
  'capture.poll.appended': 'fetched deliveries are in the log, the cursor has not moved',
  'capture.poll.moved': 'the cursor has moved, the provider has not been told',
  'capture.media.appended': 'a late attachment is in the log, it still stands in the queue',
  'normalise.half-published': 'in the middle of a batch: one topic has its records, the others not yet',
  'normalise.published': 'all that a batch became is in the log, its offset is not committed',
  'dead-letter.appended': 'a dead letter is in the log, its fate is not, nor is the offset committed',
  'deliver.queued': 'replies stand in the queue of the connector, their offset is not committed',
  'deliver.taken': 'a reply is marked as being sent, nothing has gone out',
  'deliver.sent': 'the vendor or the SMTP server took a reply, its receipt is not written',
  'outbox.published': 'rows of the outbox are in the log, they still stand in the outbox',
  'tickets.half-written':
    'in the middle of a batch: its messages are written, its tickets and events not, nothing is committed',
  'tickets.committed': 'the transaction of a batch of messages is committed, its offset is not',
  'tickets.receipts-committed': 'the transaction of a batch of receipts is committed, its offset is not',
  'tickets.reply-committed': 'the reply of an agent is committed, the request has no answer',
  'analytics.half-written': 'in the middle of a batch: its facts are written, its happenings not, nothing is committed',
  'analytics.committed': 'the transaction of a batch of ticket events is committed, its offset is not',
  'ledger.archived': 'the bytes of a batch are in the archive, its deliveries are not in the ledger',
  'ledger.deliveries-committed': 'deliveries are in the ledger, their offset is not committed',
  'ledger.fates-committed': 'fates are in the ledger, their offset is not committed',
  'migration.statement': 'before a statement of a migration (the n-th of the process)',
  'migration.version-row': 'all of a migration has run, the row that says so is not written',
  'start.cluster-made': 'embedded: initdb is through, the cluster is not in its place',
  'start.database': 'embedded: the server answers, the role of the services is not made',
  'start.migrated': 'the schemas are up to date, the topics are not looked at',
  'start.topics': 'the topics are there, nothing consumes',
  'start.consuming': 'consumers run, HTTP does not answer, no line says ready',
  'start.first-key': 'standalone: the first key is in the database, it is not in its file',
} as const satisfies Readonly<Record<string, string>>;

export type CrashPointName = keyof typeof CRASH_POINTS;

/**
 * Called wherever a crash would hurt most, with nothing in between it and the step before. Does nothing but in trials, so
 * it may stand on the hottest road.
 */
export interface CrashPoints {
  at(name: CrashPointName): void;
}

export const noCrashPoints: CrashPoints = { at: () => undefined };

/**
 * Made once, at the start of a process, from `<name>[:n]`: dies when the name is passed for the n-th time (default 1).
 * Throws CONFIG for what is no such wish. `die` gets the line that says where; it is not expected to return.
 */
export function createCrashPoints(wish: string | undefined, die: (line: string) => void): CrashPoints {
  if (wish === undefined || wish === '') return noCrashPoints;
  const [, wanted, count] = /^([^:]*?)(?::([1-9]\d{0,8}))?$/.exec(wish) ?? [];
  if (wanted === undefined || !Object.hasOwn(CRASH_POINTS, wanted)) throw unknownPoint(wish);
  const last = Number(count ?? 1);
  let passed = 0;
  return {
    at(name) {
      if (name !== wanted) return;
      passed += 1;
      if (passed === last) die(`crash point ${name}:${last} reached: ${CRASH_POINTS[name]}`);
    },
  };
}

function unknownPoint(wish: string): FaninError {
  const list = Object.entries(CRASH_POINTS).map(([name, meaning]) => `  ${name}: ${meaning}`);
  return new FaninError(
    'CONFIG',
    `FANIN_CRASH_POINT="${wish}" is no crash point. Write NAME or NAME:N (dies at the N-th passing), without it nothing dies:\n${list.join('\n')}`,
  );
}

/** Injection token of the crash points. */
export const CRASH_POINT = Symbol('CrashPoints');
