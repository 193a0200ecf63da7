import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The bytes of a delivery: JSON with every non-ASCII UTF-16 unit written as lower-case \uXXXX, and with `/` as `\/`
 * (Meta's own examples show it). Whoever parses and serialises again gets other bytes and another signature.
 */
export function encodeBody(value: unknown): Buffer {
  const json = JSON.stringify(value)
    .replace(/\//g, '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Buffer.from(json, 'ascii');
}

/** The value of X-Hub-Signature-256 for these bytes. */
export function hubSignature(appSecret: string, body: Uint8Array): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
}

/** appsecret_proof: HMAC-SHA256 of the access token, keyed with the app secret, in hex. */
export function appSecretProof(appSecret: string, accessToken: string): string {
  return createHmac('sha256', appSecret).update(accessToken).digest('hex');
}

export function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
