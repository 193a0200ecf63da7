import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { charsetFromLabel } from './charset-labels.js';
import { decodeHz, decodeIso2022Kr } from './charset-escaped.js';

/** Charsets of one byte a character: their text is practically never valid UTF-8 by accident. */
const SINGLE_BYTE = /^(us-ascii|windows-|iso-8859-|koi8-|cp(437|7\d\d|8\d\d|125\d)|mac)/u;
const JIS_ESCAPES = ['$@', '$B', '(J', '(I'].map((end) => `\u001B${end}`);
/** Two-byte text of fewer high bytes can be valid UTF-8 by accident. */
const CERTAIN_UTF8 = 9;
const DEFAULT_8BIT = 'windows-1252';

export interface DecodedText {
  readonly text: string;
  /** What it was decoded with. */
  readonly charset: string;
  /** True when the label was missing, unknown or contradicted by the bytes. */
  readonly guessed: boolean;
}

/**
 * Decodes text by its label, unless the bytes say otherwise: bytes that are valid UTF-8 beyond ASCII are UTF-8 whatever a
 * single-byte label claims; ASCII that carries ISO-2022-JP escapes is that; UTF-8 that is broken throughout is 8-bit text
 * (RFC 2045 §5.2 leaves the default to us-ascii; real mail does not). Never throws.
 */
export function decodeText(bytes: Uint8Array, label: string | undefined, hint?: string): DecodedText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const named = charsetFromLabel(label);
  const marked = byteOrderMark(buffer);
  if (marked !== undefined) return { text: run(buffer, marked), charset: marked, guessed: marked !== named };
  const known = named !== undefined && supported(named) ? named : undefined;
  if (known === undefined || known === 'us-ascii') return guess(buffer, hint, known !== 'us-ascii' || !isAscii(buffer));
  if (known === 'utf-8') return decodeUtf8(buffer, hint);
  if (SINGLE_BYTE.test(known) && looksUtf8(buffer))
    return { text: run(buffer, 'utf-8'), charset: 'utf-8', guessed: true };
  const text = run(buffer, known);
  if (looksUtf8(buffer) && (text.includes('\uFFFD') || highBytes(buffer) >= CERTAIN_UTF8))
    return { text: run(buffer, 'utf-8'), charset: 'utf-8', guessed: true };
  return { text, charset: known, guessed: false };
}

function byteOrderMark(buffer: Buffer): string | undefined {
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) return 'utf-8';
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le';
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return 'utf-16be';
  return undefined;
}

function highBytes(buffer: Buffer): number {
  let count = 0;
  for (const byte of buffer) if (byte > 0x7f) count += 1;
  return count;
}

function looksUtf8(buffer: Buffer): boolean {
  return !isAscii(buffer) && isUtf8(buffer);
}

function guess(buffer: Buffer, hint: string | undefined, guessed: boolean): DecodedText {
  if (isAscii(buffer)) {
    const text = buffer.toString('latin1');
    if (JIS_ESCAPES.some((escape) => text.includes(escape)))
      return { text: run(buffer, 'iso-2022-jp'), charset: 'iso-2022-jp', guessed: true };
    return { text, charset: 'us-ascii', guessed };
  }
  if (isUtf8(buffer)) return { text: run(buffer, 'utf-8'), charset: 'utf-8', guessed: true };
  const hinted = charsetFromLabel(hint);
  const usable = hinted !== undefined && hinted !== 'utf-8' && hinted !== 'us-ascii' && supported(hinted);
  if (!usable) return decodeUtf8(buffer, undefined);
  return { text: run(buffer, hinted), charset: hinted, guessed: true };
}

/** Mostly good UTF-8 with damage stays UTF-8 (the damage shows as U+FFFD); text with hardly a good sequence is 8-bit text. */
function decodeUtf8(buffer: Buffer, hint: string | undefined): DecodedText {
  const text = run(buffer, 'utf-8');
  if (isUtf8(buffer)) return { text, charset: 'utf-8', guessed: false };
  let bad = 0;
  let good = 0;
  for (const char of text) {
    if (char === '\uFFFD') bad += 1;
    else if (char > '\u007F') good += 1;
  }
  if (good >= bad) return { text, charset: 'utf-8', guessed: false };
  const hinted = charsetFromLabel(hint);
  const charset =
    hinted !== undefined && SINGLE_BYTE.test(hinted) && hinted !== 'us-ascii' && supported(hinted)
      ? hinted
      : DEFAULT_8BIT;
  return { text: run(buffer, charset), charset, guessed: true };
}

function supported(charset: string): boolean {
  return (
    charset === 'us-ascii' ||
    charset === 'iso-2022-jp' ||
    charset === 'iso-2022-kr' ||
    charset === 'hz-gb-2312' ||
    iconv.encodingExists(charset)
  );
}

function run(buffer: Buffer, charset: string): string {
  try {
    if (charset === 'iso-2022-jp') return decodeIso2022Jp(buffer);
    if (charset === 'iso-2022-kr') return iconv.decode(decodeIso2022Kr(buffer), 'cp949');
    if (charset === 'hz-gb-2312') return iconv.decode(decodeHz(buffer), 'gb18030');
    return iconv.decode(buffer, charset);
  } catch {
    return iconv.decode(buffer, DEFAULT_8BIT);
  }
}

/** Some senders label 8-bit Shift_JIS as ISO-2022-JP, which has no 8-bit byte. */
function decodeIso2022Jp(buffer: Buffer): string {
  if (!isAscii(buffer)) return isUtf8(buffer) ? buffer.toString('utf8') : iconv.decode(buffer, 'cp932');
  return new TextDecoder('iso-2022-jp').decode(buffer);
}
