import type { BusRecord, OutgoingRecord } from '@fanin/bus';
import type { Message } from 'kafkajs';
import type { FetchedMessage } from './low-level.js';

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/** The partition is ours to choose: kafkajs would hash again, and a lane carries one partition only. */
export function toMessage(record: OutgoingRecord, partition: number): Message {
  const message: Message = { key: record.key, value: record.value, partition };
  if (record.headers !== undefined) message.headers = record.headers;
  if (record.timestampMs !== undefined) message.timestamp = String(record.timestampMs);
  return message;
}

export function toBusRecord(topic: string, partition: number, message: FetchedMessage): BusRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key === null ? null : message.key.toString('utf8'),
    value: message.value,
    headers: textHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

/** Of a header that is there several times the last counts. */
function textHeaders(headers: FetchedMessage['headers']): Readonly<Record<string, string>> {
  if (headers === undefined) return NO_HEADERS;
  const text: Record<string, string> = {};
  for (const name in headers) {
    const given = headers[name];
    const value = Array.isArray(given) ? given[given.length - 1] : given;
    if (value !== undefined) text[name] = typeof value === 'string' ? value : value.toString('utf8');
  }
  return text;
}
