import { createHmac } from 'node:crypto';
import type { XApp } from '../options.js';
import type { XSettings } from '../settings.js';

/** `sha256=` and base64 of HMAC-SHA256: of the raw body for events, of the token for challenges. */
export function hmac(secret: string, message: string | Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(message).digest('base64')}`;
}

/** Keyed with the OAuth 2.0 client secret in the new header, with the OAuth 1.0 consumer secret in the old one. */
export function signatureHeaders(app: XApp, which: XSettings['signatures'], body: Buffer): Record<string, string> {
  return {
    ...(which === 'legacy' ? {} : { 'X-Twitter-Webhooks-Signature-OAuth2': hmac(app.clientSecret, body) }),
    ...(which === 'oauth2' ? {} : { 'X-Twitter-Webhooks-Signature': hmac(app.consumerSecret, body) }),
  };
}

/** What a challenge must be answered with: by the client secret when the app has one. */
export function responseToken(app: XApp, which: XSettings['signatures'], crcToken: string): string {
  return hmac(which === 'legacy' ? app.consumerSecret : app.clientSecret, crcToken);
}
