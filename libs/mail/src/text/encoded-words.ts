import { decodeText } from './charset.js';

/** `=?charset*language?B|Q?text?=` of RFC 2047 and RFC 2231 §5; more lenient than they are about spaces inside. */
const ENCODED_WORD = /=\?([^?\s=]{1,60})\?([bq])\?([^?]*)\?=/giu;

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
}

/**
 * Decodes encoded words in a header value that is already text. White space between two of them is dropped, and words
 * of one charset are joined as bytes before decoding, since senders split them inside a character (RFC 2047 §5.3 forbids
 * it, mail does it).
 */
export function decodeEncodedWords(value: string): string {
  if (!value.includes('=?')) return value;
  let out = '';
  let last = 0;
  let pending: Word[] = [];
  for (const match of value.matchAll(ENCODED_WORD)) {
    const [whole, label = '', encoding = '', content = ''] = match;
    const between = value.slice(last, match.index);
    const word = { charset: (label.split('*')[0] ?? '').toLowerCase(), bytes: wordBytes(encoding, content) };
    if (pending.length > 0 && (between.trim() !== '' || pending[0]?.charset !== word.charset)) {
      out += flush(pending);
      pending = [];
    }
    if (between.trim() !== '' || last === 0) out += between;
    pending.push(word);
    last = match.index + whole.length;
  }
  return out + flush(pending) + value.slice(last);
}

function flush(words: readonly Word[]): string {
  const charset = words[0]?.charset;
  return charset === undefined ? '' : decodeText(Buffer.concat(words.map((word) => word.bytes)), charset).text;
}

function wordBytes(encoding: string, content: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(content, 'base64');
  return Buffer.from(unquote(content.replace(/_/gu, ' ')), 'latin1');
}

/** `=XX` to the byte, in a latin1 string; characters above it are put in as UTF-8 bytes. */
function unquote(value: string): string {
  const wide = Buffer.from(value, 'latin1').toString('latin1') !== value;
  const bytes = wide ? Buffer.from(value, 'utf8').toString('latin1') : value;
  return bytes.replace(/=([0-9a-f]{2})/giu, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
