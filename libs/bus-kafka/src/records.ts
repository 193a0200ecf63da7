import type { BusRecord } from '@fanin/bus';
import type { FetchedMessage } from './low-level.js';

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

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
