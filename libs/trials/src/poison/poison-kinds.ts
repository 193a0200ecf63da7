import type { EncodedRecord, InboundMessageV1 } from '@fanin/contracts';
import type { ErrorCode } from '@fanin/kernel';
import { encodeMessage } from './trial-messages.js';

/** Words by which the trial's own trap in the handler, and its trigger in the database, know their victims. */
export const THROWS = 'the handler throws on this';
export const SQL_REFUSES = 'the database refuses this';

export interface PoisonKind {
  readonly name: string;
  /** What its dead letter says. */
  readonly code: ErrorCode;
  readonly step: 'decode' | 'handle';
  /** The record that is sent in place of the good one; `before` is the good one before it, of the same conversation. */
  spoil(message: InboundMessageV1, before: InboundMessageV1): EncodedRecord;
}

const LARGEST_RECORD_BYTES = 900_000;

function withValue(message: InboundMessageV1, change: (json: string) => Buffer | string): EncodedRecord {
  const record = encodeMessage(message);
  const value = change(record.value.toString('utf8'));
  return { ...record, value: typeof value === 'string' ? Buffer.from(value) : value };
}

function unreadable(name: string, change: (json: string) => Buffer | string): PoisonKind {
  return { name, code: 'BAD_PAYLOAD', step: 'decode', spoil: (message) => withValue(message, change) };
}

function refused(
  name: string,
  change: (message: InboundMessageV1, before: InboundMessageV1) => InboundMessageV1,
): PoisonKind {
  return { name, code: 'BUG', step: 'handle', spoil: (message, before) => encodeMessage(change(message, before)) };
}

/** As large as a record may be, with all its headers, and cut off in the middle. */
function largest(message: InboundMessageV1): EncodedRecord {
  const record = encodeMessage(message);
  const headers = Object.entries(record.headers).reduce((sum, [name, text]) => sum + name.length + text.length + 4, 0);
  const room = LARGEST_RECORD_BYTES - headers - record.key.length - 24;
  return { ...record, value: Buffer.concat([record.value.subarray(0, -1), Buffer.alloc(room, ' ')], room) };
}

/** None of these can become a ticket with the program as it is; each by another way. */
export const POISON: readonly PoisonKind[] = [
  unreadable('broken JSON', (json) => json.slice(0, -1)),
  unreadable('wrong schema', (json) => json.replace('"sender_verified":true', '"sender_verified":"yes"')),
  unreadable('NUL bytes', (json) => json.replace('where is', 'where\u0000is')),
  unreadable('lone surrogates as bytes', (json) => {
    const [before = '', after = ''] = json.split('where is');
    return Buffer.concat([Buffer.from(before), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(after)]);
  }),
  unreadable('everything under a prototype key', (json) => `{"__proto__":${json}}`),
  unreadable('a body that is nested without end', (json) =>
    json.replace('"provider_fields":{}', `"provider_fields":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  ),
  { name: 'the largest record, cut off', code: 'BAD_PAYLOAD', step: 'decode', spoil: largest },
  {
    name: 'unknown version',
    code: 'UNSUPPORTED',
    step: 'decode',
    spoil: (message) => {
      const record = encodeMessage(message);
      const type = record.headers['ce_type']?.replace(/v1$/, 'v9') ?? 'v9';
      return { ...record, headers: { ...record.headers, ce_type: type } };
    },
  },
  refused('a handler that throws', (message) => ({ ...message, text: `${message.text} ${THROWS}` })),
  refused('an SQL error of one row', (message) => ({ ...message, text: `${message.text} ${SQL_REFUSES}` })),
  refused('a number that no column holds', (message) => ({ ...message, part: 3_000_000_000 })),
  {
    ...refused('the id of a message of another tenant', (message, before) => ({
      ...message,
      tenant: 'thief',
      message_id: before.message_id,
    })),
    code: 'BAD_PAYLOAD',
  },
];

/** Odd, and good: they come through at once, and leave no dead letter. */
export const ODD: readonly ((message: InboundMessageV1) => InboundMessageV1)[] = [
  (message) => ({ ...message, text: `${message.text} \u0000`, subject: 'NUL \u0000' }),
  (message) => ({ ...message, text: `${message.text} \ud800`, sender: { ...message.sender, name: '\udfff' } }),
  (message) => ({
    ...message,
    provider_fields: JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}') as Record<string, string>,
  }),
  (message) => ({
    ...message,
    text: `${message.text} ${'long '.repeat(100)}`,
    body_ref: { key: `trial/bodies/${message.message_id}`, size: 20 * 1024 * 1024, sha256: '0'.repeat(64) },
  }),
];
