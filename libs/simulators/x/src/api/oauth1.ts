import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SimulatorRequest } from '@fanin/simulators/core';

/** RFC 5849 §3.6: everything but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!*'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The `oauth_…` parameters of an Authorization header of OAuth 1.0a; undefined when it is another scheme. */
export function oauth1Parameters(header: string | undefined): Map<string, string> | undefined {
  if (header === undefined || !/^OAuth /i.test(header)) return undefined;
  const found = new Map<string, string>();
  for (const match of header.slice(6).matchAll(/([a-z_]+)="([^"]*)"/g)) {
    found.set(match[1] ?? '', decodeURIComponent(match[2] ?? ''));
  }
  return found;
}

/** RFC 5849 §3.4.1: method, address without query, and all parameters sorted. */
export function signatureBase(method: string, url: string, parameters: [string, string][]): string {
  const sorted = parameters
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  const joined = sorted.map(([name, value]) => `${name}=${value}`).join('&');
  return [method.toUpperCase(), encode(url), encode(joined)].join('&');
}

/** RFC 5849 §3.4.2, HMAC-SHA1. */
export function sign(base: string, consumerSecret: string, tokenSecret: string): string {
  return createHmac('sha1', `${encode(consumerSecret)}&${encode(tokenSecret)}`)
    .update(base)
    .digest('base64');
}

export function isSigned(
  request: SimulatorRequest,
  oauth: Map<string, string>,
  secrets: { consumer: string; token: string },
): boolean {
  const parameters: [string, string][] = [...request.query.entries()];
  for (const [name, value] of oauth) {
    if (name !== 'oauth_signature' && name !== 'realm') parameters.push([name, value]);
  }
  if ((request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) {
    parameters.push(...new URLSearchParams(request.body.toString('utf8')).entries());
  }
  const base = signatureBase(request.method, `https://${request.headers.host ?? ''}${request.path}`, parameters);
  const expected = Buffer.from(sign(base, secrets.consumer, secrets.token));
  const given = Buffer.from(oauth.get('oauth_signature') ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
