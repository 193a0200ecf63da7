import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { err, FaninError, messageOf, ok, type Clock, type Result } from '@fanin/kernel';
import type { JwtKey } from './config.js';

const MAX_LIFETIME_SECONDS = 24 * 3600;
const CLOCK_TOLERANCE_SECONDS = 5;

/** Who the shop says that its visitor is. */
export interface SignedVisitor {
  readonly sub: string;
  readonly name: string | null;
  readonly email: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface VisitorVerifier {
  /** A refusal carries words for the shop's developer; never parts of the token. */
  verify(token: string): Promise<Result<SignedVisitor, string>>;
}

/** Throws CONFIG, naming the key. `audience` is the tenant. */
export function createVisitorVerifier(keys: readonly JwtKey[], audience: string, clock: Clock): VisitorVerifier {
  const known = new Map(keys.map((key) => [key.kid, { alg: key.alg, key: keyObject(key) }]));
  if (known.size !== keys.length) throw new FaninError('CONFIG', 'jwt_keys: two keys have the same kid');
  return {
    verify: async (token) => {
      if (known.size === 0) return err('this account has no jwt_keys: it takes no signed visitors');
      try {
        const { payload } = await jwtVerify(
          token,
          (header) => {
            const found = known.get(header.kid ?? '');
            // The algorithm belongs to the key: a public key is never taken as an HMAC secret.
            if (found === undefined || found.alg !== header.alg)
              throw new errors.JWSInvalid('no live key has this kid and alg');
            return found.key;
          },
          {
            audience,
            algorithms: ['HS256', 'RS256'],
            requiredClaims: ['sub', 'exp'],
            clockTolerance: CLOCK_TOLERANCE_SECONDS,
            currentDate: new Date(clock.now()),
          },
        );
        return check(payload, clock.now());
      } catch (error) {
        if (error instanceof errors.JOSEError) return err(messageOf(error).slice(0, 100));
        throw error;
      }
    },
  };
}

function check(payload: Record<string, unknown>, nowMs: number): Result<SignedVisitor, string> {
  const { sub, exp, iat, name, email } = payload;
  if (typeof sub !== 'string' || sub.length < 1 || sub.length > 255)
    return err('"sub" must be a text of 1 to 255 characters');
  if (typeof exp !== 'number') return err('"exp" must be a number');
  const from = typeof iat === 'number' ? Math.min(iat, nowMs / 1000) : nowMs / 1000;
  if (exp - from > MAX_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS)
    return err('"exp" must be at most 24 hours after "iat"');
  return ok({ sub, name: shortText(name, 100), email: shortText(email, 254), expiresAt: exp * 1000 });
}

function shortText(value: unknown, maxChars: number): string | null {
  return typeof value === 'string' && value.length > 0 ? value.slice(0, maxChars) : null;
}

function keyObject({ kid, alg, key }: JwtKey): KeyObject {
  if (alg === 'HS256') {
    // RFC 7518 §3.2: a key of at least the size of the hash.
    if (Buffer.byteLength(key) < 32)
      throw new FaninError('CONFIG', `jwt_keys "${kid}": key must have 32 bytes or more for HS256`);
    return createSecretKey(Buffer.from(key, 'utf8'));
  }
  try {
    const parsed = createPublicKey(key);
    if (parsed.asymmetricKeyType !== 'rsa') throw new Error('not an RSA key');
    // A private key given by mistake would make its public half here; it has no business in this file.
    if (key.includes('PRIVATE KEY')) throw new Error('a private key; give the public one');
    return parsed;
  } catch (error) {
    throw new FaninError('CONFIG', `jwt_keys "${kid}": key must be an RSA public key as PEM (${messageOf(error)})`);
  }
}
