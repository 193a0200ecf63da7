import fc from 'fast-check';
import twilio from 'twilio';
import { webhookRequest, type WebhookRequest } from '@fanin/connector-kit';
import { createVerify } from './verify.js';

const TOKEN = '12345678901234567890123456789012';
const HOOK = 'https://fanin.example/hooks/phone';
const FORM = 'application/x-www-form-urlencoded; charset=UTF-8';

function request(
  url: string,
  fields: readonly (readonly [string, string])[] | string,
  signature: string,
): WebhookRequest {
  const body =
    typeof fields === 'string'
      ? fields
      : new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
  return webhookRequest({
    url,
    body: Buffer.from(body),
    headers: {
      'content-type': typeof fields === 'string' ? 'application/json' : FORM,
      'x-twilio-signature': signature,
    },
  });
}

const MESSAGE = [
  ['MessageSid', 'SM00000000000000000000000000000001'],
  ['From', '+4915155500101'],
  ['To', '+493055500100'],
  ['Body', 'Grüße & 50% off? 👋'],
  ['NumMedia', '0'],
] as const;

/** Signatures made by the SDK's getExpectedTwilioSignature, version 6.2.0. */
const VECTORS: readonly (readonly [string, WebhookRequest])[] = [
  ['a form with characters of all sorts', request(HOOK, MESSAGE, 'pxdWD/eO2ZpCvVzAY2jEQ26L9kk=')],
  [
    'the standard port, signed but not configured',
    request(
      HOOK,
      [
        ['MessageSid', 'SM1'],
        ['Body', 'x'],
      ],
      'G54aM7KFBAqqmBfbaBCrc9AxqFY=',
    ),
  ],
  [
    'a field that comes three times, twice with the same value',
    request(
      HOOK,
      [
        ['Tag', 'b'],
        ['Body', 'x'],
        ['Tag', 'a'],
        ['Tag', 'b'],
      ],
      '31ATEpFRMsE845sDXc8WiKvNFQ8=',
    ),
  ],
  [
    'a query string with a character that a parser would write otherwise',
    request(
      `${HOOK}/status?outbound_id=out-1&x=it's`,
      [
        ['MessageSid', 'SM1'],
        ['MessageStatus', 'sent'],
      ],
      '/+XT3D00OENG5mvnn0VwZ0NmQEY=',
    ),
  ],
  ['a GET', { ...request(`${HOOK}?Body=x&From=%2B1`, [], 'qmHX7KQ5EG/4wVay+Z+/jmygBn0='), method: 'GET' }],
  [
    'blanks around a value',
    request(
      HOOK,
      [
        ['Body', ' trimmed? '],
        ['MessageSid', 'SM1'],
      ],
      '+WpSZDBJ5NMoURIBucujzTvYus4=',
    ),
  ],
  [
    'JSON, covered by its hash',
    request(
      `${HOOK}?bodySHA256=9b8caf0ff2627f4612e8cbd660ec48eda8d8cbaf27a804bad8cf0327d3c02374`,
      '{"Body":"Grüße"}',
      '9JuaRzGoNq4JH/4pTVWalmk2yJ0=',
    ),
  ],
];

describe('X-Twilio-Signature', () => {
  const verify = createVerify([TOKEN]);

  it.each(VECTORS)('lets in %s', (_, signed) => expect(verify(signed)).toEqual({ ok: true }));
  it.each(VECTORS)('refuses %s when another token signed', (_, signed) =>
    expect(createVerify(['another-token'])(signed)).toMatchObject({ ok: false, status: 403 }),
  );
  it.each(VECTORS)('lets in %s while tokens change', (_, signed) =>
    expect(createVerify(['the-new-token', TOKEN])(signed)).toEqual({ ok: true }),
  );
  it.each(VECTORS)('refuses %s for another address', (_, signed) =>
    expect(verify({ ...signed, url: signed.url.replace('fanin.example', 'evil.example') }).ok).toBe(false),
  );
  it('refuses a body that nothing covers', () => {
    const [, message] = VECTORS[0] as (typeof VECTORS)[number];
    const headers = { ...message.headers, 'content-type': 'application/json' };
    expect(verify({ ...message, headers, body: Buffer.from('{}') }).ok).toBe(false);
  });
  it('refuses JSON that is not what was hashed', () => {
    const [, json] = VECTORS.at(-1) as (typeof VECTORS)[number];
    expect(verify({ ...json, body: Buffer.from('{"Body":"Gruesse"}') }).ok).toBe(false);
  });
  it('agrees with the SDK about any form', () => {
    const key = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });
    const form = fc.dictionary(
      key,
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { minLength: 1, maxLength: 3 })),
      {
        noNullPrototype: true,
      },
    );
    fc.assert(
      fc.property(form, (params) => {
        const fields = Object.entries(params).flatMap(([name, value]) =>
          [value].flat().map((each): readonly [string, string] => [name, each]),
        );
        const signature = twilio.getExpectedTwilioSignature(TOKEN, HOOK, params);
        expect(verify(request(HOOK, fields, signature)).ok).toBe(true);
      }),
    );
  });
});
