import { readHead } from '../text/headers.js';
import { parseStructured } from '../text/header-params.js';

/**
 * What is mended in the bytes before a parser sees them. The stored original is never touched; each repair is something
 * receivers are told to accept, or a break that only has one reading.
 */
export interface Repaired {
  readonly raw: Buffer;
  readonly repaired: boolean;
}

const LF = 0x0a;
const DASHES = Buffer.from('--');
const MAX_BOUNDARIES = 1000;

export function repair(raw: Buffer): Repaired {
  let bytes = stripLeading(raw);
  if (!bytes.includes(LF) && bytes.includes(0x0d))
    bytes = Buffer.from(bytes.toString('latin1').replace(/\r/gu, '\r\n'), 'latin1');
  bytes = nameRootBoundary(bytes);
  bytes = trimBoundaryLines(bytes);
  return { raw: bytes, repaired: bytes !== raw };
}

/** A byte order mark, blank lines and an mbox separator before the first header would make the whole head a body. */
function stripLeading(raw: Buffer): Buffer {
  let at = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0;
  while (raw[at] === 0x0d || raw[at] === LF) at += 1;
  const start = raw.toString('latin1', at, at + 6);
  if (start.startsWith('From ') || start === '>From ') {
    const end = raw.indexOf(LF, at);
    if (end !== -1) at = end + 1;
  }
  return at === 0 ? raw : raw.subarray(at);
}

/** A multipart that names no boundary, or one that never occurs, while its body plainly uses another. */
function nameRootBoundary(raw: Buffer): Buffer {
  const head = readHead(raw);
  const field = head.fields.find(({ name }) => name === 'content-type');
  if (field === undefined) return raw;
  const type = parseStructured(field.raw.toString('latin1'));
  if (!type.value.startsWith('multipart/')) return raw;
  const declared = type.params['boundary'];
  const body = raw.subarray(head.bodyOffset);
  if (declared !== undefined && declared !== '' && body.includes(`--${declared}`, 0, 'latin1')) return raw;
  const used = boundaryInUse(body);
  if (used === undefined) return raw;
  const fixed = `Content-Type: ${type.value}; boundary="${used}"\r\n`;
  return Buffer.concat([Buffer.from(fixed, 'latin1'), withoutContentType(raw.subarray(0, head.bodyOffset)), body]);
}

/** The first `--token` line, if it comes back as an opening or a closing delimiter. */
function boundaryInUse(body: Buffer): string | undefined {
  const start = body.toString('latin1', 0, 64 * 1024);
  const token = /^--([0-9A-Za-z'()+_,./:=? -]{1,200}?)[ \t]*\r?$/mu.exec(start)?.[1];
  if (token === undefined || token.trim() === '') return undefined;
  const again = body.indexOf(`\n--${token}`, body.indexOf(`--${token}`, 0, 'latin1') + 1, 'latin1');
  return again === -1 ? undefined : token;
}

function withoutContentType(head: Buffer): Buffer {
  const kept: string[] = [];
  let dropping = false;
  for (const line of head.toString('latin1').split(/(?<=\n)/u)) {
    if (!/^[ \t]/u.test(line)) dropping = /^content-type[ \t]*:/iu.test(line);
    if (!dropping) kept.push(line);
  }
  return Buffer.from(kept.join(''), 'latin1');
}

/** RFC 2046 §5.1.1: white space after a boundary is transport padding and must be ignored; not every parser does. */
function trimBoundaryLines(raw: Buffer): Buffer {
  const boundaries = declaredBoundaries(raw);
  if (boundaries.size === 0) return raw;
  const pieces: Buffer[] = [];
  let copied = 0;
  for (let at = raw.indexOf(DASHES); at !== -1;) {
    const lineEnd = raw.indexOf(LF, at);
    const end = lineEnd === -1 ? raw.length : lineEnd;
    if ((at === 0 || raw[at - 1] === LF) && end - at < 300) {
      const line = raw.toString('latin1', at + 2, end).replace(/\r$/u, '');
      const trimmed = line.trimEnd();
      if (
        trimmed !== line &&
        (boundaries.has(trimmed) || (trimmed.endsWith('--') && boundaries.has(trimmed.slice(0, -2))))
      ) {
        pieces.push(raw.subarray(copied, at + 2 + trimmed.length), Buffer.from('\r\n'));
        copied = Math.min(end + 1, raw.length);
      }
    }
    at = lineEnd === -1 ? -1 : nextDashes(raw, lineEnd + 1);
  }
  return pieces.length === 0 ? raw : Buffer.concat([...pieces, raw.subarray(copied)]);
}

function nextDashes(raw: Buffer, from: number): number {
  if (raw[from] === 0x2d && raw[from + 1] === 0x2d) return from;
  const found = raw.indexOf('\n--', from, 'latin1');
  return found === -1 ? -1 : found + 1;
}

function declaredBoundaries(raw: Buffer): Set<string> {
  const found = new Set<string>();
  for (
    let at = raw.indexOf('oundary', 0, 'latin1');
    at !== -1 && found.size < MAX_BOUNDARIES;
    at = raw.indexOf('oundary', at + 7, 'latin1')
  ) {
    const match = /^oundary\s{0,5}=\s{0,5}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/u.exec(
      raw.toString('latin1', at, at + 240),
    );
    const value = match?.[1] ?? match?.[2];
    if (value !== undefined) found.add(value);
  }
  return found;
}
