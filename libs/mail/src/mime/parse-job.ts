import type { MailFlag, ParsedMail, ParseLimits, UnparsedReason } from '../parsed-mail.js';
import { WantsTime } from '../quoted/markers.js';
import { decodeText } from '../text/charset.js';
import { cleanLine, cleanText } from '../text/cleaning.js';
import { assemble } from './assemble.js';
import { renderBody } from './content.js';
import { readHeadFields, type ReadHeadFields } from './envelope-fields.js';
import { parseWithMailparser } from './first-parser.js';
import { readHead } from '../text/headers.js';
import { agreesWithBytes, yieldOf } from './judge.js';
import type { PartTree } from './part.js';
import { isPlain, parsePlain } from './plain-parser.js';
import { repair } from './repair.js';
import { parseWithPostalMime } from './second-parser.js';

/** Which parsers to try: `second` is what is left after the first one ran out of time or memory. */
export type ParserChoice = 'both' | 'second';

export interface ParseJob {
  readonly raw: Buffer;
  readonly receivedAt: Date | undefined;
  readonly limits: ParseLimits;
  readonly parsers: ParserChoice;
}

/** Text shown of a mail that no parser could read. */
const EXCERPT_BYTES = 64 * 1024;

interface Attempt {
  readonly tree?: PartTree;
  readonly error?: string;
}

/** A mail whose head is read; `body` is what is left for a parser. */
interface Opened {
  readonly raw: Buffer;
  readonly read: ReadHeadFields;
  readonly flags: Set<MailFlag>;
  readonly body: Buffer;
}

function open(job: Pick<ParseJob, 'raw' | 'receivedAt'>, { raw, repaired } = repair(job.raw)): Opened {
  const read = readHeadFields(raw, job.raw, job.receivedAt);
  const flags = new Set<MailFlag>(read.flags);
  if (repaired) flags.add('structure_repaired');
  return { raw, read, flags, body: raw.subarray(read.head.bodyOffset) };
}

/**
 * The mail, when it is one text that needs no parser (see `isPlain`): the same that `runParseJob` would make of it, by nothing
 * that backtracks. Throws WantsTime when only that could tell.
 */
export function readPlainMail(job: Omit<ParseJob, 'parsers'>): ParsedMail | undefined {
  const repaired = repair(job.raw);
  const head = readHead(repaired.raw);
  if (!isPlain(head, repaired.raw.subarray(head.bodyOffset))) return undefined;
  const { read, flags, body } = open(job, repaired);
  const tree = parsePlain(read.head, body, read.hint);
  if (tree === undefined || !agreesWithBytes(tree.parts, body)) return undefined;
  return finish(read, tree, flags, job.limits, body, { isShort: true });
}

/** The whole work on one mail, in the thread it is called in. Resolves for every input. */
export async function runParseJob(job: ParseJob): Promise<ParsedMail> {
  const { raw, read, flags, body } = open(job);
  const first = job.parsers === 'second' ? { error: 'skipped' } : await firstAttempt(raw, body, read, job.limits);
  let chosen = first.tree;
  if (chosen === undefined || !agreesWithBytes(chosen.parts, body)) {
    const second = await attempt(() => parseWithPostalMime(raw, job.limits, read.hint));
    if (second.tree !== undefined && (chosen === undefined || yieldOf(second.tree.parts) > yieldOf(chosen.parts))) {
      chosen = second.tree;
      flags.add('second_parser');
    }
    if (chosen === undefined)
      return unparsedMail(read, flags, body, 'parser_error', `${first.error ?? ''}; ${second.error ?? ''}`);
    if (yieldOf(chosen.parts) === 0 && !agreesWithBytes(chosen.parts, body)) {
      return unparsedMail(read, flags, body, 'empty_result', 'the body is not empty, yet no part of it could be read');
    }
  }
  return finish(read, chosen, flags, job.limits, body);
}

function finish(
  read: ReadHeadFields,
  tree: PartTree,
  flags: Set<MailFlag>,
  limits: ParseLimits,
  body: Buffer,
  hints: Parameters<typeof renderBody>[3] = {},
): ParsedMail {
  if (tree.cutShort) flags.add('parts_left_out');
  try {
    const assembled = assemble(tree.parts, limits, read.hint);
    for (const flag of assembled.flags) flags.add(flag);
    const rendered = renderBody(assembled.units, assembled.attachments, limits.maxTextLength, hints);
    if (rendered.textFromHtml) flags.add('text_from_html');
    const { text, html, content } = rendered;
    return {
      ...read.fields,
      text,
      content,
      attachments: assembled.attachments,
      flags: [...flags],
      ...(html === undefined ? {} : { html }),
    };
  } catch (error) {
    if (error instanceof WantsTime) throw error;
    return unparsedMail(read, flags, body, 'parser_error', String(error));
  }
}

/** What has no structure needs no parser: it is most of the mail, and the parser is most of the work. */
function firstAttempt(
  raw: Buffer,
  body: Buffer,
  { head, hint }: ReadHeadFields,
  limits: ParseLimits,
): Promise<Attempt> {
  return attempt(async () => parsePlain(head, body, hint) ?? (await parseWithMailparser(raw, limits, hint)));
}

async function attempt(parse: () => Promise<PartTree>): Promise<Attempt> {
  try {
    return { tree: await parse() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** A mail whose body could not be read: its head, an excerpt of the bytes as text, and why. */
export function unparsedFromBytes(
  raw: Buffer,
  receivedAt: Date | undefined,
  reason: UnparsedReason,
  detail: string,
): ParsedMail {
  const read = readHeadFields(repairHeadOnly(raw), raw, receivedAt);
  return unparsedMail(
    read,
    new Set(read.flags),
    raw.subarray(Math.min(read.head.bodyOffset, raw.length)),
    reason,
    detail,
  );
}

/** The head is repaired like any other; the rest of a hostile mail is not touched again. */
function repairHeadOnly(raw: Buffer): Buffer {
  return repair(raw.subarray(0, 2 * 1024 * 1024)).raw;
}

function unparsedMail(
  read: ReadHeadFields,
  flags: Set<MailFlag>,
  body: Buffer,
  reason: UnparsedReason,
  detail: string,
): ParsedMail {
  flags.add('unparsed');
  const text = cleanText(decodeText(body.subarray(0, EXCERPT_BYTES), undefined, read.hint).text).trim();
  const content = { text, quotedText: '', blockedRemoteImages: 0 };
  return {
    ...read.fields,
    text,
    content,
    attachments: [],
    flags: [...flags],
    unparsed: { reason, detail: cleanLine(detail, 300) },
  };
}
