import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';

export const SECRET = 'a-shared-secret-of-thirty-two-bytes-or-more';
export const OLD_SECRET = 'the-secret-before-that-also-long-enough-here';
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const PUBLIC_PEM = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
export const PRIVATE_PEM = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export interface TokenParts {
  readonly kid?: string;
  readonly alg?: string;
  readonly key?: Parameters<SignJWT['sign']>[0];
  readonly aud?: string | null;
  readonly sub?: string | null;
  /** Seconds from now; null: none. */
  readonly exp?: number | null;
  readonly iat?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A visitor's token as a shop signs it; every part can be made wrong. */
export function visitorToken(parts: TokenParts = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const jwt = new SignJWT({ name: 'Mia Kern', email: 'mia@example.org', ...parts.claims });
  jwt.setProtectedHeader({ alg: parts.alg ?? 'HS256', ...(parts.kid === '' ? {} : { kid: parts.kid ?? 'new' }) });
  if (parts.sub !== null) jwt.setSubject(parts.sub ?? 'customer-17');
  if (parts.aud !== null) jwt.setAudience(parts.aud ?? 'default');
  if (parts.exp !== null) jwt.setExpirationTime(now + (parts.exp ?? 3600));
  jwt.setIssuedAt(now + (parts.iat ?? 0));
  return jwt.sign(parts.key ?? Buffer.from(SECRET));
}

export function rsaKey(): Parameters<SignJWT['sign']>[0] {
  return pair.privateKey;
}
