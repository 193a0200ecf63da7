import type { ErrorCode } from '@fanin/kernel';
import { isoTime } from '@fanin/kernel';
import type { BusRecord, OutgoingRecord, TopicSpec } from '../port.js';

/** Why a record was set aside, and where it came from. */
export interface DeadLetter {
  readonly code: ErrorCode;
  /** For people; holds no value of the record. */
  readonly reason: string;
  readonly step: 'decode' | 'handle';
  readonly attempts: number;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** How often it was put back to its topic before. */
  readonly redrives: number;
}

/** Of the headers that a dead letter has beside the record's own. The log's limit for a record does not count them. */
export const DEAD_LETTER_PREFIX = 'x-fanin-dlq-';
const PREFIX = DEAD_LETTER_PREFIX;
const MAX_REASON = 500;
const DAY_MS = 86_400_000;

export function deadLetterTopicOf(topic: string): string {
  return `${topic}.dlq`;
}

/** The dead-letter topic of a topic: one partition, so that it reads in the order in which things went wrong. */
export function deadLetterSpecOf(spec: TopicSpec): TopicSpec {
  const retentionMs = spec.retentionMs === -1 ? -1 : Math.max(spec.retentionMs, 30 * DAY_MS);
  return { name: deadLetterTopicOf(spec.name), partitions: 1, retentionMs, cleanup: 'delete' };
}

/** The original bytes, key and headers, with the reason in headers of its own. */
export function toDeadLetter(record: BusRecord, letter: DeadLetter): OutgoingRecord {
  return {
    key: record.key ?? '',
    value: record.value,
    headers: {
      ...record.headers,
      [`${PREFIX}code`]: letter.code,
      [`${PREFIX}reason`]: letter.reason.slice(0, MAX_REASON),
      [`${PREFIX}step`]: letter.step,
      [`${PREFIX}attempts`]: String(letter.attempts),
      [`${PREFIX}group`]: letter.group,
      [`${PREFIX}topic`]: letter.topic,
      [`${PREFIX}partition`]: String(letter.partition),
      [`${PREFIX}offset`]: String(letter.offset),
      [`${PREFIX}first-at`]: isoTime(letter.firstAtMs),
      [`${PREFIX}last-at`]: isoTime(letter.lastAtMs),
      [`${PREFIX}redrives`]: String(letter.redrives),
    },
  };
}

/**
 * For a record that the log does not take from us: the letter without the bytes, which stay where they are for as long as
 * their topic keeps them. Headers that are of no use beyond the record are left out too: they may be what was too large.
 */
export function toLetterByReference(record: BusRecord, letter: DeadLetter): OutgoingRecord {
  const { headers = {} } = toDeadLetter(record, letter);
  const kept = Object.entries(headers).filter(([name, text]) => name.startsWith(PREFIX) || text.length <= MAX_REASON);
  return {
    key: (record.key ?? '').slice(0, MAX_REASON),
    value: null,
    headers: { ...Object.fromEntries(kept), [`${PREFIX}value-bytes`]: String(record.value?.length ?? 0) },
  };
}

/** True when the record's bytes are not in the letter but at the topic, partition and offset that it names. */
export function isByReference(record: BusRecord): boolean {
  return record.headers[`${PREFIX}value-bytes`] !== undefined;
}

export function redrivesOf(record: BusRecord): number {
  return Number(record.headers[`${PREFIX}redrives`] ?? 0);
}

/** Reads the headers of a dead letter back; undefined when the record is none. */
export function fromDeadLetter(record: BusRecord): DeadLetter | undefined {
  const header = (name: string): string => record.headers[`${PREFIX}${name}`] ?? '';
  if (header('topic') === '') return undefined;
  return {
    code: header('code') as ErrorCode,
    reason: header('reason'),
    step: header('step') === 'decode' ? 'decode' : 'handle',
    attempts: Number(header('attempts')),
    group: header('group'),
    topic: header('topic'),
    partition: Number(header('partition')),
    offset: BigInt(header('offset') || 0),
    firstAtMs: Date.parse(header('first-at')),
    lastAtMs: Date.parse(header('last-at')),
    redrives: redrivesOf(record),
  };
}

/** The record as it was, ready for its topic again; only the count of redrives stays with it. */
export function toRedriven(record: BusRecord): OutgoingRecord {
  const headers = Object.fromEntries(Object.entries(record.headers).filter(([name]) => !name.startsWith(PREFIX)));
  headers[`${PREFIX}redrives`] = String(redrivesOf(record) + 1);
  return { key: record.key ?? '', value: record.value, headers };
}
