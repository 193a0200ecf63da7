import { webhookRequest } from '@fanin/connector-kit';
import { verifyMeta } from './signature.js';

/** Computed apart from this code: printf '%s' BODY | openssl dgst -sha256 -hmac SECRET. */
const SECRET = '5f1d7e84c0b94a6c8a3a2bd97e0c6f41';
const BODY = '{"object":"page","entry":[{"id":"1","text":"\\u00e4\\u00f6\\/ \\ud83d\\ude00"}]}';
const SIGNATURE = 'sha256=f29430176e6ba56a0203793aa126707734e6c0e50ffd4d09b2d23d5c02f9ed65';

const known = { secrets: ['another-secret-of-the-app', SECRET], verifyToken: 'the-right-word' };
const post = (body: string, signature?: string) =>
  verifyMeta(
    webhookRequest({
      body: Buffer.from(body),
      headers: signature === undefined ? {} : { 'x-hub-signature-256': signature },
    }),
    known,
  );
const get = (query: Readonly<Record<string, string>>) =>
  verifyMeta(webhookRequest({ method: 'GET', body: Buffer.alloc(0), query }), known);

describe('X-Hub-Signature-256', () => {
  it('fits the bytes as they came, with any of the secrets that live', () => {
    expect(post(BODY, SIGNATURE)).toEqual({ ok: true });
    expect(post(BODY, SIGNATURE.toUpperCase().replace('SHA256', 'sha256'))).toEqual({ ok: true });
  });

  it.each([
    ['the same JSON written anew', JSON.stringify(JSON.parse(BODY)), SIGNATURE],
    ['no signature', BODY, undefined],
    ['SHA-1', BODY, `sha1=${SIGNATURE.slice(7)}`],
    ['a cut one', BODY, SIGNATURE.slice(0, -2)],
    ['a longer one', BODY, `${SIGNATURE}00`],
    ['nonsense', BODY, 'sha256=ü'],
  ])('refuses %s', (_, body, signature) => {
    expect(post(body, signature)).toMatchObject({ ok: false, status: 401 });
  });
});

describe('the subscription', () => {
  const right = { 'hub.mode': 'subscribe', 'hub.verify_token': 'the-right-word', 'hub.challenge': '42' };

  it('is ours with the right word', () => expect(get(right)).toEqual({ ok: true }));
  it.each([
    ['another word', { ...right, 'hub.verify_token': 'the-right-wordx' }],
    ['no word', { 'hub.mode': 'subscribe', 'hub.challenge': '42' }],
    ['another mode', { ...right, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'the-right-word' }],
  ])('is refused with %s', (_, query) => expect(get(query)).toMatchObject({ ok: false, status: 403 }));
});
