import { createHash } from 'node:crypto';
import { parseAddresses } from '../text/addresses.js';
import {
  decodeUnstructured,
  headersToText,
  headerValue,
  headerValues,
  readHead,
  type MailHead,
  type MailHeader,
} from '../text/headers.js';
import { parseMailDate } from '../text/mail-date.js';
import {
  normaliseMessageId,
  parseMessageIds,
  parseReferences,
  synthesiseMessageId,
  SYNTHESISED_DOMAIN,
} from '../text/message-ids.js';
import type { MailFlag, ParsedMail } from '../parsed-mail.js';

export type HeadFields = Omit<ParsedMail, 'text' | 'html' | 'content' | 'attachments' | 'flags' | 'unparsed'>;

export interface ReadHeadFields {
  readonly fields: HeadFields;
  readonly flags: ReadonlySet<MailFlag>;
  readonly head: MailHead;
  /** A charset the mail names somewhere: the best guess for raw 8-bit headers and unlabelled text. */
  readonly hint: string | undefined;
}

/** Fields that may occur once only (RFC 5322 §3.6); the topmost counts. */
const ONCE = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'subject',
  'date',
  'content-type',
];

/** Everything a mail's head says, read leniently from the bytes; `original` is what a missing Message-ID is made of. */
export function readHeadFields(raw: Buffer, original: Buffer, receivedAt: Date | undefined): ReadHeadFields {
  const flags = new Set<MailFlag>();
  const head = readHead(raw);
  const hint = charsetHint(raw);
  const headers = headersToText(head.fields, hint);
  if (head.damaged || headers.length < head.fields.length) flags.add('headers_damaged');
  if (ONCE.some((name) => headers.filter((header) => header.name === name).length > 1)) flags.add('repeated_header');
  const addresses = (name: string): ReturnType<typeof parseAddresses> => parseAddresses(headerValues(headers, name));
  const first = (name: string): ReturnType<typeof parseAddresses> =>
    parseAddresses(headerValues(headers, name).slice(0, 1));
  const inReplyTo = parseMessageIds(headerValue(headers, 'in-reply-to') ?? '')[0];
  const sender = first('sender')[0];
  const date = readDate(headers, receivedAt, flags);
  const fields: HeadFields = {
    headers,
    messageId: readMessageId(headers, original, flags),
    contentHash: contentHash(head, raw.subarray(head.bodyOffset)),
    references: parseReferences(headerValues(headers, 'references')),
    from: first('from'),
    to: addresses('to'),
    cc: addresses('cc'),
    replyTo: first('reply-to'),
    deliveredTo: addresses('delivered-to'),
    originalTo: [...addresses('x-original-to'), ...addresses('envelope-to'), ...addresses('x-envelope-to')],
    subject: decodeUnstructured(headerValue(headers, 'subject') ?? ''),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(sender === undefined ? {} : { sender }),
    ...(date === undefined ? {} : { date }),
  };
  return { fields, flags, head, hint };
}

const HASHED = ['from', 'date', 'subject', 'message-id'];
const CR = 0x0d;

function contentHash(head: MailHead, body: Buffer): string {
  const hash = createHash('sha256');
  for (const { name, raw } of head.fields) {
    if (HASHED.includes(name))
      hash.update(`${name}:${raw.toString('latin1').replace(/\s+/gu, ' ').trim()}\n`, 'latin1');
  }
  hash.update('\n');
  for (let from = 0; from < body.length;) {
    const cr = body.indexOf(CR, from);
    const end = cr === -1 ? body.length : cr;
    hash.update(body.subarray(from, end));
    from = end + 1;
  }
  return hash.digest('hex');
}

function readMessageId(headers: readonly MailHeader[], original: Buffer, flags: Set<MailFlag>): string {
  const value = headerValue(headers, 'message-id') ?? '';
  const id = parseMessageIds(value)[0] ?? normaliseMessageId(value);
  if (id !== undefined && !id.endsWith(`@${SYNTHESISED_DOMAIN}>`)) return id;
  flags.add('message_id_synthesised');
  return synthesiseMessageId(original);
}

function readDate(
  headers: readonly MailHeader[],
  receivedAt: Date | undefined,
  flags: Set<MailFlag>,
): Date | undefined {
  const value = headerValue(headers, 'date');
  if (value === undefined || value === '') {
    flags.add('date_missing');
    return undefined;
  }
  const date = parseMailDate(value, receivedAt);
  if (date === undefined) flags.add('date_unusable');
  return date;
}

function charsetHint(raw: Buffer): string | undefined {
  const start = raw.toString('latin1', 0, 64 * 1024);
  const declared = /charset\s{0,3}=\s{0,3}"?([\w.:-]{2,40})/iu.exec(start)?.[1];
  return declared ?? /=\?([\w-]{2,40})(?:\*[\w-]{1,20})?\?[bq]\?/iu.exec(start)?.[1];
}
