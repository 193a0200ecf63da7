import { createHash, createHmac } from 'node:crypto';

export type SignedParams = Record<string, string | readonly string[]>;

/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1 over the full URL, then each POST field in sorted order as name and value;
 * several values of one name without doubles and sorted (twilio.com/docs/usage/webhooks/webhooks-security).
 */
export function signatureOf(authToken: string, url: string, params: SignedParams = {}): string {
  let text = url;
  for (const name of Object.keys(params).sort()) {
    const value = params[name] ?? '';
    const values = typeof value === 'string' ? [value] : [...new Set(value)].sort();
    for (const each of values) text += name + each;
  }
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64');
}

/** A JSON webhook carries the hash of its raw body in the URL, and only the URL is signed. */
export function withBodyHash(url: string, body: string | Buffer): string {
  const hash = createHash('sha256').update(body).digest('hex');
  return `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${hash}`;
}
