import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Secrets that sign reply addresses and Message-IDs. The first one signs; all of them are accepted, so that a secret can
 * be replaced while mail signed with the old one is still answered.
 */
export type SigningSecrets = readonly [string, ...string[]];

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** 100 bits: 20 characters of base32 (RFC 4648), well above the 80 that guessing by mail would need. */
const MAC_LENGTH = 20;

/** What may be signed into an address: safe in a local part, no dot (the separator), case does not matter. */
const ID = /^[a-z0-9_-]{1,40}$/u;

export function isSignableId(id: string): boolean {
  return ID.test(id);
}

/** HMAC-SHA256 over purpose, id and domain, cut, in lower-case base32, since addresses lose their case on the way. */
export function sign(secret: string, purpose: string, id: string, domain: string): string {
  const digest = createHmac('sha256', secret).update(`${purpose}\n${id}\n${domain.toLowerCase()}`).digest();
  return base32(digest).slice(0, MAC_LENGTH);
}

/** Compares in constant time against every accepted secret. */
export function verify(secrets: SigningSecrets, purpose: string, id: string, domain: string, mac: string): boolean {
  if (mac.length !== MAC_LENGTH) return false;
  const given = Buffer.from(mac.toLowerCase(), 'latin1');
  let valid = false;
  for (const secret of secrets) {
    const expected = Buffer.from(sign(secret, purpose, id, domain), 'latin1');
    if (given.length === expected.length && timingSafeEqual(given, expected)) valid = true;
  }
  return valid;
}

/** Refuses configuration that would make signatures worthless. */
export function assertSecrets(secrets: SigningSecrets): void {
  if (secrets.length === 0 || secrets.some((secret) => secret.length < 16)) {
    throw new RangeError('a signing secret needs at least 16 characters; generate one with: openssl rand -hex 32');
  }
}

function base32(bytes: Buffer): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(value >> bits) & 31] ?? '';
    }
  }
  return out;
}
