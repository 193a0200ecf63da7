import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookCapture, WebhookRequest } from '@fanin/connector-kit';

type Verdict = ReturnType<WebhookCapture['verify']>;

/** Compared by their digests: equal lengths, and time that does not tell how far they agree. */
export function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(one), digest(other));
}

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * X-Hub-Signature-256 over the bytes as they came (developers.facebook.com/docs/graph-api/webhooks/getting-started). Any of
 * the secrets will do: two live side by side while the app's secret is changed.
 */
export function verifySignature(request: WebhookRequest, secrets: readonly string[]): Verdict {
  const given = SIGNATURE.exec(request.headers['x-hub-signature-256'] ?? '')?.[1];
  if (given === undefined)
    return { ok: false, status: 401, reason: 'X-Hub-Signature-256 is missing or no sha256=<hex>' };
  const bytes = Buffer.from(given, 'hex');
  const fits = secrets.map((secret) =>
    timingSafeEqual(bytes, createHmac('sha256', secret).update(request.body).digest()),
  );
  return fits.includes(true) ? { ok: true } : { ok: false, status: 401, reason: 'the signature does not fit the body' };
}

/** The GET by which Meta asks whether the address is ours. */
export function verifySubscription(request: WebhookRequest, verifyToken: string): Verdict {
  const { query } = request;
  const asked = query['hub.mode'] === 'subscribe' && query['hub.challenge'] !== undefined;
  const known = sameText(query['hub.verify_token'] ?? '', verifyToken);
  return asked && known ? { ok: true } : { ok: false, status: 403, reason: 'hub.mode or hub.verify_token is wrong' };
}

/** GET: the subscription's token. Anything else: the signature over the bytes. */
export function verifyMeta(
  request: WebhookRequest,
  known: { readonly secrets: readonly string[]; readonly verifyToken: string },
): Verdict {
  return request.method === 'GET'
    ? verifySubscription(request, known.verifyToken)
    : verifySignature(request, known.secrets);
}
