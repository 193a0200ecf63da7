import { isIP } from 'node:net';
import { FaninError } from '@fanin/kernel';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The address that calls go to. Throws CONFIG: https, or http on this machine (a proxy, a simulator). */
export function checkApiUrl(apiUrl: string): string {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  const plain = url?.protocol === 'http:' && LOOPBACK.has(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !plain) || url.username !== '' || url.search !== '')
    throw new FaninError(
      'CONFIG',
      'api_url must be an https address such as https://graph.facebook.com (http only on this machine, e.g. http://127.0.0.1:4020).',
    );
  return url.href.replace(/\/$/, '');
}

/** Origins that may serve media though they are private or without TLS: only what the configuration leads elsewhere to. */
export function trustedOriginsOf(apiUrl: string): readonly string[] {
  const { origin, hostname } = new URL(apiUrl);
  return LOOPBACK.has(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 ? [origin] : [];
}
