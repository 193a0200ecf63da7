import { decodeText } from './charset.js';
import { decodeEncodedWords } from './encoded-words.js';

/** A value with parameters: `text/plain; charset=utf-8; name="a.txt"` (RFC 2045 §5.1, RFC 2183). */
export interface StructuredValue {
  /** Lower-case, without parameters. */
  readonly value: string;
  readonly params: Readonly<Record<string, string>>;
}

const MAX_PARAMS = 100;

/**
 * Reads a structured header leniently: comments, missing quotes around values with spaces, encoded words inside quotes
 * (forbidden by RFC 2047 §5 and everywhere), and the continued and charset-tagged parameters of RFC 2231.
 */
export function parseStructured(header: string): StructuredValue {
  const pieces = splitOutsideQuotes(header);
  const value = (pieces.shift() ?? '').trim().toLowerCase();
  const simple = new Map<string, string>();
  const continued = new Map<string, { index: number; encoded: boolean; value: string }[]>();
  for (const piece of pieces.slice(0, MAX_PARAMS)) {
    const equals = piece.indexOf('=');
    if (equals < 1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const content = unquote(piece.slice(equals + 1).trim());
    const star = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/u.exec(name);
    if (star === null) continue;
    const [, key = '', index, encoded] = star;
    if (index === undefined && encoded === undefined) {
      if (!simple.has(key)) simple.set(key, content);
    } else {
      const list = continued.get(key) ?? [];
      list.push({ index: Number(index ?? 0), encoded: encoded !== undefined, value: content });
      continued.set(key, list);
    }
  }
  const params: Record<string, string> = {};
  for (const [key, content] of simple) setParam(params, key, decodeEncodedWords(content));
  for (const [key, list] of continued) setParam(params, key, joinContinued(list));
  return { value, params };
}

/** A parameter named `__proto__` is data, never the prototype. */
function setParam(params: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(params, key, { value, enumerable: true, configurable: true, writable: true });
}

/** RFC 2231: `name*0*=charset'lang'%41; name*1="b"`; the charset of the first piece holds for all. */
function joinContinued(list: { index: number; encoded: boolean; value: string }[]): string {
  const sorted = list.sort((a, b) => a.index - b.index);
  let charset: string | undefined;
  const bytes = sorted.map(({ encoded, value }, position) => {
    if (!encoded) return Buffer.from(value, 'utf8');
    let rest = value;
    const tagged = position === 0 ? /^([^']*)'[^']*'/u.exec(value) : null;
    if (tagged !== null) {
      charset = tagged[1];
      rest = value.slice(tagged[0].length);
    }
    return percentBytes(rest);
  });
  return decodeEncodedWords(decodeText(Buffer.concat(bytes), charset).text);
}

function percentBytes(value: string): Buffer {
  const latin = Buffer.from(value, 'utf8').toString('latin1');
  const decoded = latin.replace(/%([0-9a-f]{2})/giu, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(decoded, 'latin1');
}

/** Splits at semicolons that are neither in quotes nor in comments; comments go. */
function splitOutsideQuotes(header: string): string[] {
  const pieces: string[] = [];
  let current = '';
  let quoted = false;
  let comment = 0;
  /** A parenthesis inside a value (`filename=a(1).pdf`) is content, not a comment. */
  let inValue = false;
  let afterEquals = false;
  for (let at = 0; at < header.length; at += 1) {
    const char = header[at] ?? '';
    if (quoted) {
      current += char;
      if (char === '\\' && at + 1 < header.length) {
        at += 1;
        current += header[at] ?? '';
      } else if (char === '"') quoted = false;
    } else if (comment > 0) {
      if (char === '(') comment += 1;
      else if (char === ')') comment -= 1;
    } else if (char === '"') {
      quoted = true;
      current += char;
    } else if (char === '(' && !inValue) comment = 1;
    else if (char === ';') {
      pieces.push(current);
      current = '';
      inValue = false;
      afterEquals = false;
    } else {
      if (afterEquals && char.trim() !== '') inValue = true;
      if (char === '=') afterEquals = true;
      current += char;
    }
  }
  pieces.push(current);
  return pieces;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const inner = value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value.slice(1);
  return inner.replace(/\\(.)/gu, '$1');
}
