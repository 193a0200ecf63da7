import { FaninError } from '@fanin/kernel';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Throws CONFIG for what is not an origin (scheme, host, port and nothing else). */
export function checkOrigins(allowed: readonly string[]): void {
  if (allowed.length === 0)
    throw new FaninError('CONFIG', "allowed_origins is empty: name the shop's origin, e.g. https://shop.example");
  for (const entry of allowed) {
    if (entry === 'self') continue;
    if (!URL.canParse(entry) || new URL(entry).origin !== entry) {
      throw new FaninError(
        'CONFIG',
        `allowed_origins: "${entry}" is not an origin; write scheme and host, e.g. https://shop.example`,
      );
    }
  }
}

/**
 * Browsers send Origin with every WebSocket handshake and no script can change it; CORS does not guard handshakes, so
 * this check is what keeps other people's pages out. A handshake without Origin is refused too.
 */
export function originAllowed(origin: string | undefined, allowed: readonly string[], publicUrl: string): boolean {
  if (origin === undefined || !URL.canParse(origin)) return false;
  return allowed.some((entry) => (entry === 'self' ? isSelf(new URL(origin), new URL(publicUrl)) : entry === origin));
}

/** A loopback address may be typed in any of its spellings. */
function isSelf(origin: URL, own: URL): boolean {
  if (origin.origin === own.origin) return true;
  return (
    origin.protocol === own.protocol &&
    origin.port === own.port &&
    LOOPBACK.has(origin.hostname) &&
    LOOPBACK.has(own.hostname)
  );
}
