import { decodeText } from './charset.js';
import { cleanLine } from './cleaning.js';
import { decodeEncodedWords } from './encoded-words.js';

/** One header field as read from the bytes: lower-case name, unfolded value still in its bytes. */
export interface HeaderField {
  readonly name: string;
  readonly raw: Buffer;
}

export interface MailHead {
  readonly fields: readonly HeaderField[];
  /** Where the body starts; the length of the mail when there is none. */
  readonly bodyOffset: number;
  /** True when lines were met that are no header, or limits cut something off. */
  readonly damaged: boolean;
}

/** A header as a parsed mail carries it: unfolded, decoded from its bytes, encoded words left as they are. */
export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

export interface HeadLimits {
  /** Of all values that are kept; scanning goes on to the end of the head. */
  readonly maxBytes: number;
  readonly maxFields: number;
  readonly maxValueBytes: number;
}

export const HEAD_LIMITS: HeadLimits = { maxBytes: 1024 * 1024, maxFields: 1000, maxValueBytes: 64 * 1024 };

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/**
 * Reads the header block of a mail (RFC 5322 §2.2) as lines end by LF: folded, raw 8-bit and repeated fields are kept;
 * lines that are no field are passed over. Linear in the size of the block, never throws.
 */
export function readHead(raw: Buffer, limits: HeadLimits = HEAD_LIMITS): MailHead {
  const fields: { name: string; parts: Buffer[]; size: number }[] = [];
  let damaged = false;
  let at = 0;
  let open = false;
  let kept = 0;
  while (at < raw.length) {
    const lineEnd = raw.indexOf(LF, at);
    const next = lineEnd === -1 ? raw.length : lineEnd + 1;
    let end = lineEnd === -1 ? raw.length : lineEnd;
    if (end > at && raw[end - 1] === CR) end -= 1;
    if (end === at) return finish(fields, next, damaged);
    const line = raw.subarray(at, end);
    const full = kept > limits.maxBytes || fields.length >= limits.maxFields;
    const current = fields.at(-1);
    if (line[0] === SPACE || line[0] === TAB) {
      if (open && current !== undefined && current.size + line.length <= limits.maxValueBytes && !full) {
        current.parts.push(line);
        current.size += line.length;
        kept += line.length;
      } else damaged = true;
    } else {
      const field = full ? undefined : readField(line, limits.maxValueBytes);
      open = field !== undefined;
      if (field === undefined || line.length > field.size + 201) damaged = true;
      if (field !== undefined) fields.push(field);
      kept += field?.size ?? 0;
    }
    at = next;
  }
  return finish(fields, raw.length, damaged);
}

function readField(line: Buffer, maxValueBytes: number): { name: string; parts: Buffer[]; size: number } | undefined {
  const colon = line.indexOf(COLON);
  if (colon < 1 || colon > 200) return undefined;
  const name = line
    .toString('latin1', 0, colon)
    .replace(/[ \t]+$/u, '')
    .toLowerCase();
  if (!/^[!-9;-~]+$/u.test(name)) return undefined;
  const value = line.subarray(colon + 1, colon + 1 + maxValueBytes);
  return { name, parts: [value], size: value.length };
}

function finish(fields: readonly { name: string; parts: Buffer[] }[], bodyOffset: number, damaged: boolean): MailHead {
  return { fields: fields.map(({ name, parts }) => ({ name, raw: Buffer.concat(parts) })), bodyOffset, damaged };
}

/** All fields as lines of text; raw 8-bit is decoded as UTF-8, else by the hint (a charset the mail names elsewhere). */
export function headersToText(fields: readonly HeaderField[], hint?: string, maxTotal = 512 * 1024): MailHeader[] {
  const out: MailHeader[] = [];
  let total = 0;
  for (const { name, raw } of fields) {
    const value = cleanLine(decodeText(raw, undefined, hint).text, HEAD_LIMITS.maxValueBytes);
    total += name.length + value.length;
    if (total > maxTotal) break;
    out.push({ name, value });
  }
  return out;
}

/** Values of every field of that name, topmost first. */
export function headerValues(headers: readonly MailHeader[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter((header) => header.name === wanted).map((header) => header.value);
}

/** The topmost field of that name. */
export function headerValue(headers: readonly MailHeader[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find((header) => header.name === wanted)?.value;
}

/** Unstructured text of a header (subject, comments): encoded words decoded, one clean line. */
export function decodeUnstructured(value: string, maxLength = 998): string {
  return cleanLine(decodeEncodedWords(value), maxLength);
}
