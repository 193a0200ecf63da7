import { domainOf } from '../text/addresses.js';
import { headerValues } from '../text/headers.js';
import type { ParsedMail } from '../parsed-mail.js';

export interface MethodResult {
  readonly method: string;
  readonly result: string;
  /** `header.from`, `smtp.mailfrom`, `header.d`… */
  readonly properties: Readonly<Record<string, string>>;
}

export interface SenderAuthentication {
  /** `unknown`: no header of a server that is ours, so nothing may be concluded. */
  readonly dmarc: 'pass' | 'fail' | 'none' | 'unknown';
  readonly methods: readonly MethodResult[];
}

const UNKNOWN: SenderAuthentication = { dmarc: 'unknown', methods: [] };
const MAX_RESULTS = 50;

/**
 * The verdict of our own mail server on the sender (RFC 8601). Only the topmost Authentication-Results counts, and only if
 * its authserv-id is configured as ours: any header below it, or of another name, may have been written by the sender.
 */
export function readAuthentication(mail: ParsedMail, authservIds: readonly string[]): SenderAuthentication {
  const topmost = headerValues(mail.headers, 'authentication-results')[0];
  if (topmost === undefined || authservIds.length === 0) return UNKNOWN;
  const [head = '', ...rest] = withoutComments(topmost).split(';');
  const authservId = head.trim().split(/\s+/u)[0]?.replace(/^"|"$/gu, '').toLowerCase() ?? '';
  if (!authservIds.some((own) => own.toLowerCase() === authservId)) return UNKNOWN;
  const methods = rest
    .slice(0, MAX_RESULTS)
    .map(readResult)
    .filter((result) => result !== undefined);
  return { dmarc: verdict(methods, domainOf(mail.from[0]?.address ?? '')), methods };
}

function verdict(methods: readonly MethodResult[], fromDomain: string): SenderAuthentication['dmarc'] {
  const dmarc = methods.find(({ method }) => method === 'dmarc');
  if (dmarc === undefined) return 'none';
  const about = dmarc.properties['header.from']?.toLowerCase();
  const other = about !== undefined && fromDomain !== '' && domainOf(`@${about.replace(/^.*@/u, '')}`) !== fromDomain;
  if (dmarc.result === 'pass') return other ? 'fail' : 'pass';
  return dmarc.result === 'fail' || dmarc.result === 'permerror' ? 'fail' : 'none';
}

/** `dmarc=pass header.from=example.org policy.dmarc=none` */
function readResult(value: string): MethodResult | undefined {
  const match = /^\s*([a-z0-9-]{1,30})(?:\/\d{1,3})?\s*=\s*([a-z]{1,20})\b/iu.exec(value);
  if (match === null) return undefined;
  const properties: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [, name = '', quoted, plain] of value
    .slice(match[0].length, 2000)
    .matchAll(/([a-z]{1,20}\.[a-z0-9_-]{1,40})\s{0,3}=\s{0,3}(?:"([^"]{0,300})"|([^\s;]{1,300}))/giu)) {
    properties[name.toLowerCase()] = quoted ?? plain ?? '';
  }
  return { method: (match[1] ?? '').toLowerCase(), result: (match[2] ?? '').toLowerCase(), properties };
}

function withoutComments(value: string): string {
  let depth = 0;
  let quoted = false;
  let out = '';
  for (const char of value) {
    if (char === '"' && depth === 0) quoted = !quoted;
    if (!quoted && char === '(') depth += 1;
    else if (!quoted && char === ')' && depth > 0) depth -= 1;
    else if (depth === 0) out += char;
  }
  return out;
}
