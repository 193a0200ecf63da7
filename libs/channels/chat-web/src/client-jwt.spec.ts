import { createSystemClock } from '@fanin/kernel';
import { createVisitorVerifier } from './client-jwt.js';
import {
  OLD_SECRET,
  PRIVATE_PEM,
  PUBLIC_PEM,
  rsaKey,
  SECRET,
  visitorToken,
  type TokenParts,
} from './spec-support/client-tokens.js';

const keys = [
  { kid: 'new', alg: 'HS256', key: SECRET },
  { kid: 'rsa', alg: 'RS256', key: PUBLIC_PEM },
] as const;
const verifier = createVisitorVerifier(keys, 'default', createSystemClock());

async function refusal(parts: TokenParts): Promise<string> {
  const result = await verifier.verify(await visitorToken(parts));
  return result.ok ? 'accepted' : result.error;
}

describe('signed visitors', () => {
  it('are who the token says, by secret and by public key', async () => {
    const byHash = await verifier.verify(await visitorToken());
    expect(byHash).toMatchObject({
      ok: true,
      value: { sub: 'customer-17', name: 'Mia Kern', email: 'mia@example.org' },
    });
    expect((await verifier.verify(await visitorToken({ kid: 'rsa', alg: 'RS256', key: rsaKey() }))).ok).toBe(true);
    expect((await verifier.verify(await visitorToken({ claims: { name: 7, email: null } }))).ok).toBe(true);
  });

  it.each<[string, TokenParts, RegExp]>([
    ['another shop’s audience', { aud: 'other' }, /aud/],
    ['no audience', { aud: null }, /aud/],
    ['no subject', { sub: null }, /sub/],
    ['an empty subject', { sub: '' }, /sub/],
    ['no expiry', { exp: null }, /exp/],
    ['an expired token', { exp: -60 }, /exp/],
    ['a life of more than 24 hours', { exp: 25 * 3600 }, /24 hours/],
    ['a life of more than 24 hours, dated forward', { exp: 48 * 3600, iat: 30 * 3600 }, /24 hours/],
    ['an unknown kid', { kid: 'other' }, /kid/],
    ['no kid', { kid: '' }, /kid/],
    ['the wrong secret', { key: Buffer.from(OLD_SECRET) }, /signature/],
    ['the public key taken as a secret', { kid: 'rsa', key: Buffer.from(PUBLIC_PEM) }, /kid and alg/],
    ['another hash', { alg: 'HS512', key: Buffer.from(SECRET.repeat(2)) }, /alg/i],
  ])('are refused with %s', async (_, parts, reason) => expect(await refusal(parts)).toMatch(reason));

  it('are refused without a signature, cut, or as nonsense', async () => {
    const [head, payload] = (await visitorToken()).split('.');
    const none = Buffer.from('{"alg":"none","kid":"new"}').toString('base64url');
    for (const token of [`${none}.${payload}.`, `${head}.${payload}`, 'x', '', `${head}.${payload}.AAAA`]) {
      expect((await verifier.verify(token)).ok).toBe(false);
    }
  });

  it('lets two keys live while one replaces the other', async () => {
    const rotating = createVisitorVerifier(
      [keys[0], { kid: 'old', alg: 'HS256', key: OLD_SECRET }],
      'default',
      createSystemClock(),
    );
    expect((await rotating.verify(await visitorToken({ kid: 'old', key: Buffer.from(OLD_SECRET) }))).ok).toBe(true);
    expect((await rotating.verify(await visitorToken())).ok).toBe(true);
    expect((await rotating.verify(await visitorToken({ kid: 'old' }))).ok).toBe(false);
  });

  it.each<[string, Parameters<typeof createVisitorVerifier>[0], RegExp]>([
    ['a short secret', [{ kid: 'a', alg: 'HS256', key: 'short' }], /"a": key must have 32 bytes/],
    ['no PEM', [{ kid: 'a', alg: 'RS256', key: SECRET }], /"a": key must be an RSA public key/],
    ['a private key', [{ kid: 'a', alg: 'RS256', key: PRIVATE_PEM }], /private key/],
    ['one kid twice', [keys[0], keys[0]], /same kid/],
  ])('says what is wrong with %s', (_, wrong, reason) => {
    expect(() => createVisitorVerifier(wrong, 'default', createSystemClock())).toThrow(reason);
  });
});
