import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookCapture, WebhookRequest } from '@fanin/connector-kit';

/** Keyed with the OAuth 2 client secret. Decides when it is there. */
export const SIGNATURE_HEADER = 'x-twitter-webhooks-signature-oauth2';
/** Keyed with the OAuth 1 consumer secret; what X sent before. */
export const LEGACY_SIGNATURE_HEADER = 'x-twitter-webhooks-signature';

export interface WebhookSecrets {
  readonly clientSecret: string;
  readonly previousClientSecret: string | undefined;
  readonly consumerSecret: string | undefined;
}

type Verdict = ReturnType<WebhookCapture['verify']>;

/** https://docs.x.com/x-api/webhooks/introduction, "Security": over the raw body, `sha256=` and base64. */
export function verify(request: WebhookRequest, secrets: WebhookSecrets): Verdict {
  if (isChallenge(request)) return { ok: true };
  if (request.method !== 'POST') return { ok: false, status: 403, reason: 'neither a delivery nor a challenge of X' };
  const signature = request.headers[SIGNATURE_HEADER];
  if (signature !== undefined)
    return judge(request.body, signature, [secrets.clientSecret, secrets.previousClientSecret], SIGNATURE_HEADER);
  const legacy = request.headers[LEGACY_SIGNATURE_HEADER];
  if (legacy === undefined) return { ok: false, status: 401, reason: 'the request carries no signature' };
  if (secrets.consumerSecret === undefined)
    return { ok: false, status: 401, reason: 'signed in the old way only, and no consumer_secret is configured' };
  return judge(request.body, legacy, [secrets.consumerSecret], LEGACY_SIGNATURE_HEADER);
}

function judge(body: Buffer, signature: string, secrets: readonly (string | undefined)[], header: string): Verdict {
  const fits = secrets
    .filter((secret) => secret !== undefined)
    .some((secret) => isEqual(signature, sign(secret, body)));
  return fits ? { ok: true } : { ok: false, status: 401, reason: `${header} does not fit the body` };
}

/**
 * A challenge proves nothing about its sender, and its answer is made like a signature: whoever could have a JSON object
 * answered could have a forged delivery signed. So only what a token is made of is answered; no object is, for want of braces.
 */
const CRC_TOKEN = /^[A-Za-z0-9+/=_.~ -]{1,512}$/;

export function isChallenge({ method, query }: WebhookRequest): boolean {
  return method === 'GET' && CRC_TOKEN.test(query.crc_token ?? '');
}

/** The answer to a challenge: keyed with the client secret, as the signatures are. */
export function responseToken(crcToken: string, { clientSecret }: WebhookSecrets): string {
  return sign(clientSecret, Buffer.from(crcToken, 'utf8'));
}

export function sign(secret: string, bytes: Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(bytes).digest('base64')}`;
}

function isEqual(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given, 'utf8'), Buffer.from(right, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}
