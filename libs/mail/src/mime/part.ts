import { decodeText } from '../text/charset.js';
import { parseStructured, type StructuredValue } from '../text/header-params.js';

/** A leaf of the MIME tree with its transfer encoding undone: what both parsers deliver. */
export interface LeafPart {
  readonly contentType: StructuredValue;
  readonly disposition: StructuredValue;
  readonly contentId?: string;
  readonly content: Buffer;
  /** The multiparts around it, outermost first. */
  readonly ancestors: readonly Container[];
}

export interface Container {
  /** Unique within the mail. */
  readonly id: number;
  /** `alternative`, `mixed`, `related`… */
  readonly subtype: string;
}

export interface PartTree {
  readonly parts: readonly LeafPart[];
  /** True when a limit ended the reading early: `parts` are the first ones. */
  readonly cutShort: boolean;
}

/** Raw lines of the headers that say how to read a part, as latin1 or decoded strings. */
export interface PartHeaders {
  readonly contentType: string | undefined;
  readonly disposition: string | undefined;
  readonly contentId: string | undefined;
}

export function makePart(
  headers: PartHeaders,
  content: Buffer,
  ancestors: readonly Container[],
  hint: string | undefined,
): LeafPart {
  const contentType = parseStructured(readable(headers.contentType, hint));
  const disposition = parseStructured(readable(headers.disposition, hint));
  const contentId = (headers.contentId ?? '').replace(/[<>\s\p{Cc}]/gu, '').slice(0, 500);
  const typed = contentType.value.includes('/')
    ? contentType
    : { ...contentType, value: defaultType(disposition, ancestors) };
  return { contentType: typed, disposition, content, ancestors, ...(contentId === '' ? {} : { contentId }) };
}

/** RFC 2045 §5.2: no (or no usable) type is plain text; in a digest it is a message (RFC 2046 §5.1.5). */
function defaultType(disposition: StructuredValue, ancestors: readonly Container[]): string {
  if (ancestors.at(-1)?.subtype === 'digest') return 'message/rfc822';
  return disposition.value === 'attachment' ? 'application/octet-stream' : 'text/plain';
}

/** Header bytes (latin1) as text: raw UTF-8 or 8-bit file names are common. */
function readable(value: string | undefined, hint: string | undefined): string {
  if (value === undefined) return '';
  const short = value.slice(0, 16 * 1024).replace(/\r?\n/gu, '');
  const bytes = Buffer.from(short, 'latin1');
  return bytes.toString('latin1') === short ? decodeText(bytes, undefined, hint).text : short;
}
