import addressparser from 'nodemailer/lib/addressparser';
import { cleanLine, cut } from './cleaning.js';
import { decodeEncodedWords } from './encoded-words.js';

/** A mailbox of a header. `address` is `local@domain` with the domain in lower case, the local part as written. */
export interface MailAddress {
  readonly address: string;
  readonly name?: string;
}

const MAX_HEADER = 64 * 1024;
const MAX_ADDRESSES = 500;
const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()\\]+$/u;
const QUOTED_LOCAL = /^"[^"\s]{1,64}"@[^\s@<>,;:"()\\]+$/u;

/**
 * Reads an address list (RFC 5322 §3.4), groups flattened, encoded words decoded after the structure is read (decoding
 * first would let a display name grow a second address). What is no address is left out.
 */
export function parseAddresses(values: readonly string[]): MailAddress[] {
  const out: MailAddress[] = [];
  for (const value of values) {
    for (const entry of addressparser(cut(value, MAX_HEADER), { flatten: true })) {
      const address = normaliseAddress(entry.address);
      if (address === undefined) continue;
      const name = cleanLine(decodeEncodedWords(entry.name), 200);
      out.push(name === '' ? { address } : { address, name });
      if (out.length >= MAX_ADDRESSES) return out;
    }
  }
  return out;
}

/** `Local@Example.ORG` → `Local@example.org`; undefined when it is no address. */
export function normaliseAddress(value: string): string | undefined {
  const trimmed = value.trim().replace(/^<|>$/gu, '').replace(/\.$/u, '');
  if (trimmed.length > 320 || !(ADDRESS.test(trimmed) || QUOTED_LOCAL.test(trimmed))) return undefined;
  if (cleanLine(trimmed) !== trimmed) return undefined;
  const at = trimmed.lastIndexOf('@');
  return trimmed.slice(0, at + 1) + trimmed.slice(at + 1).toLowerCase();
}

/** The same mailbox: local parts are compared without case, as every large provider does (RFC 5321 §2.4 allows more). */
export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The part after the last `@`, lower-case; empty when there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at === -1 ? '' : address.slice(at + 1).toLowerCase();
}
