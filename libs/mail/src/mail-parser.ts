import { readPlainMail, runParseJob, unparsedFromBytes, type ParserChoice } from './mime/parse-job.js';
import { PARSE_LIMITS, type MailAttachment, type ParsedMail, type ParseLimits } from './parsed-mail.js';
import { WorkerPool, type PoolAnswer } from './worker/worker-pool.js';

export interface MailParserOptions extends Partial<ParseLimits> {
  /**
   * Worker threads for mails with a structure and for long ones; 0 parses all in the calling thread, without time and
   * memory limits (small tools, tests). Default 2.
   */
  readonly workers?: number;
  /** Time for one mail and one parser. Default 15 s. */
  readonly timeoutMs?: number;
  /** Heap of one worker thread. Default 256. */
  readonly maxMemoryMb?: number;
}

export interface ParseContext {
  /** When the mail was captured: a Date header far behind it is not believed. Keeps parsing a pure function. */
  readonly receivedAt?: Date;
}

export interface MailParser {
  /**
   * Reads a mail. Never rejects for anything in the bytes: what no parser can read comes back with `unparsed` set and
   * its head read leniently, so that it still becomes a message. The same bytes and context give the same result.
   * Rejects with MailParserUnavailable when the parser is closed or its threads cannot start: the mail is to be kept
   * and given again, nothing was found out about it.
   */
  parse(raw: Buffer, context?: ParseContext): Promise<ParsedMail>;
  /** Ends the worker threads; mails still in work are rejected with MailParserUnavailable. */
  close(): Promise<void>;
}

/**
 * A short mail without structure is read where it is: the way to a thread and back costs more than the reading, and it
 * cannot take long. Most mails of customers are such.
 */
const MAX_INLINE_BYTES = 16 * 1024;

/** Starts no thread before the first mail. */
export function createMailParser(options: MailParserOptions = {}): MailParser {
  const { workers = 2, timeoutMs = 15_000, maxMemoryMb = 256, ...limits } = options;
  const bounds: ParseLimits = { ...PARSE_LIMITS, ...limits };
  const pool = workers > 0 ? new WorkerPool({ workers, timeoutMs, maxMemoryMb }) : undefined;
  return {
    parse: (raw, context = {}) => parse(raw, context.receivedAt, bounds, pool),
    close: async () => pool?.close(),
  };
}

async function parse(
  raw: Buffer,
  receivedAt: Date | undefined,
  limits: ParseLimits,
  pool: WorkerPool | undefined,
): Promise<ParsedMail> {
  if (raw.length > limits.maxBytes) {
    return unparsedFromBytes(raw, receivedAt, 'too_large', `${raw.length} bytes, the limit is ${limits.maxBytes}`);
  }
  const plain = raw.length > MAX_INLINE_BYTES ? undefined : readInline(raw, receivedAt, limits);
  if (plain !== undefined) return plain;
  if (pool === undefined) return runParseJob({ raw, receivedAt, limits, parsers: 'both' });
  const first = await ask(pool, raw, receivedAt, limits, 'both');
  if ('mail' in first) return restored(first.mail);
  const second = await ask(pool, raw, receivedAt, limits, 'second');
  if ('mail' in second) return restored(second.mail);
  return unparsedFromBytes(raw, receivedAt, second.failure.reason, second.failure.detail);
}

/** What fails here fails in a thread, where it does no harm. */
function readInline(raw: Buffer, receivedAt: Date | undefined, limits: ParseLimits): ParsedMail | undefined {
  try {
    return readPlainMail({ raw, receivedAt, limits });
  } catch {
    return undefined;
  }
}

function ask(
  pool: WorkerPool,
  raw: Buffer,
  receivedAt: Date | undefined,
  limits: ParseLimits,
  parsers: ParserChoice,
): Promise<PoolAnswer> {
  return pool.run({ raw: new Uint8Array(raw), receivedAt, limits, parsers });
}

/** Buffers cross a thread as plain byte arrays. */
function restored(mail: ParsedMail): ParsedMail {
  return { ...mail, attachments: mail.attachments.map(withBuffer) };
}

function withBuffer(attachment: MailAttachment): MailAttachment {
  const { buffer, byteOffset, byteLength } = attachment.content;
  return { ...attachment, content: Buffer.from(buffer, byteOffset, byteLength) };
}
