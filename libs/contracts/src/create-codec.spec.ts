import { CONTRACTS } from './contract.js';
import { createCodec, createCodecs, schemaIdOf } from './create-codec.js';
import type { FateV1 } from './events/fate.v1.js';
import type { OutboundMessageV1 } from './events/outbound-message.v1.js';

const fate: FateV1 = {
  delivery_id: '019a0000-0000-7000-8000-000000000001',
  part: 0,
  parts: 1,
  tenant: 'default',
  account_id: 'mail',
  channel: 'email',
  fate: 'accepted',
  rule: null,
  evidence: null,
  message_id: 'm-1',
  ticket_id: null,
  decided_at: '2026-11-21T08:15:30.120Z',
};
const options = { key: fate.delivery_id, source: '/fanin/ticket-core' };
const codec = createCodec(CONTRACTS.fate);
const without = (headers: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const refusal = (
  value: Buffer | null,
  headers?: Readonly<Record<string, string>>,
): { code: string; reason: string } => {
  const decoded = codec.decode({ value, headers: headers ?? codec.encode(fate, options).headers });
  if (decoded.ok) throw new Error('decoded, but should have been refused');
  return decoded.error;
};

describe('codec: encode', () => {
  it('writes a CloudEvent in binary mode', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const record = codec.encode(fate, { ...options, traceparent });
    expect(record.headers).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_type: 'com.fanin.inbound.fate.v1',
      ce_dataschema: schemaIdOf(CONTRACTS.fate),
      ce_id: `${fate.delivery_id}.0.accepted`,
      ce_source: '/fanin/ticket-core',
      ce_subject: fate.delivery_id,
      ce_time: fate.decided_at,
      traceparent,
    });
    expect(record.value.toString()).toBe(JSON.stringify(fate));
    expect(record.key).toBe(fate.delivery_id);
    expect(record.timestampMs).toBe(Date.parse(fate.decided_at));
  });

  it('has no traceparent header when there is none to carry on', () => {
    expect(codec.encode(fate, options).headers).not.toHaveProperty('traceparent');
  });

  const wrong: [string, object, RegExp][] = [
    ['a missing field', { ...fate, tenant: undefined }, /fate v1 cannot be sent: tenant: is missing/],
    ['an unknown field', { ...fate, colour: 'red' }, /colour: is not a field of this version/],
    ['null where it is not allowed', { ...fate, tenant: null }, /tenant: must be string/],
    ['a wrong name', { ...fate, fate: 'lost' }, /fate: must be one of accepted, duplicate/],
    [
      'a local time',
      { ...fate, decided_at: '2026-11-21T08:15:30+01:00' },
      /decided_at: must be a time in ISO 8601, UTC, with a Z/,
    ],
    ['a day that is not', { ...fate, decided_at: '2026-02-29T08:15:30Z' }, /decided_at/],
    ['a fraction', { ...fate, part: 0.5 }, /part: must be integer/],
    ['not a number', { ...fate, part: NaN }, /part: must be integer/],
    ['a Date object', { ...fate, decided_at: new Date(0) }, /decided_at: must be string/],
    ['a long text', { ...fate, rule: 'r'.repeat(65) }, /rule: must have at most 64 characters/],
  ];
  it.each(wrong)('throws a TypeError naming the field for %s', (_, value, message) => {
    const attempt = (): unknown => codec.encode(value as FateV1, options);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
  });

  it('throws for an empty record key', () => {
    expect(() => codec.encode(fate, { ...options, key: '' })).toThrow(/key is empty/);
  });
});

describe('codec: decode', () => {
  const { headers } = codec.encode(fate, options);

  it('gives back what was encoded', () => {
    expect(codec.decode(codec.encode(fate, options))).toEqual({ ok: true, value: fate });
  });

  it('lets unknown fields of a newer writer through', () => {
    const value = { ...fate, colour: 'red' };
    expect(codec.decode({ value: bytes(value), headers })).toEqual({ ok: true, value });
  });

  it('takes a content type that says UTF-8 too', () => {
    expect(
      codec.decode({ value: bytes(fate), headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })
        .ok,
    ).toBe(true);
  });

  it.each([
    [
      'another type',
      { ...headers, ce_type: 'com.fanin.inbound.fate.v2' },
      'ce_type "com.fanin.inbound.fate.v2" came, understood is com.fanin.inbound.fate.v1',
    ],
    [
      'no type',
      without(headers, 'ce_type'),
      'no ce_type header (not a CloudEvent in binary mode) came, understood is com.fanin.inbound.fate.v1',
    ],
    ['no spec version', without(headers, 'ce_specversion'), 'no ce_specversion header came, understood is 1.0'],
    ['another spec version', { ...headers, ce_specversion: '2.0' }, 'ce_specversion "2.0" came, understood is 1.0'],
    [
      'no content type',
      without(headers, 'content-type'),
      'no content-type header came, understood is application/json',
    ],
    [
      'structured mode',
      { ...headers, 'content-type': 'application/cloudevents+json' },
      'content-type "application/cloudevents+json" came, understood is application/json',
    ],
    [
      'another charset',
      { ...headers, 'content-type': 'application/json; charset=latin1' },
      'content-type "application/json; charset=latin1" came, understood is application/json',
    ],
    [
      'control characters',
      { ...headers, ce_type: 'a\n\u0000b' },
      'ce_type "a??b" came, understood is com.fanin.inbound.fate.v1',
    ],
  ])('refuses %s as UNSUPPORTED, naming what came', (_, given, reason) => {
    expect(refusal(bytes(fate), given)).toEqual({ code: 'UNSUPPORTED', reason });
  });

  it.each([
    ['a tombstone', null, 'the record has no value (a tombstone)'],
    ['no JSON', Buffer.from('{"delivery_id": "secret'), 'the value is not JSON (23 bytes)'],
    ['nothing', Buffer.alloc(0), 'the value is not JSON (0 bytes)'],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the value is not UTF-8'],
    ['a list', bytes([fate]), 'fate v1: must be object'],
    ['null', bytes(null), 'fate v1: must be object'],
    ['a missing field', bytes({ ...fate, ticket_id: undefined }), 'fate v1: ticket_id: is missing'],
    [
      'a wrong value',
      bytes({ ...fate, evidence: { of: 'ann@example.com' } }),
      'fate v1: evidence: must be string or null',
    ],
  ])('refuses %s as BAD_PAYLOAD without quoting the value', (_, value, reason) => {
    expect(refusal(value)).toEqual({ code: 'BAD_PAYLOAD', reason });
  });

  it('shows the path into lists, and no key of a map', () => {
    const message = createCodec(CONTRACTS.outboundMessage);
    const given = {
      outbound_id: 'o',
      tenant: 't',
      account_id: 'a',
      channel: 'email',
      channel_slug: 's',
      ticket_id: 't',
      ticket_number: 1,
      conversation_key: 'c',
      kind: 'reply',
      author_name: null,
      subject: null,
      text: 'x',
      attachments: [],
      in_reply_to: null,
      references: [],
      created_at: fate.decided_at,
    };
    const decode = (value: object): unknown =>
      message.decode({ value: bytes(value), headers: { ...headers, ce_type: CONTRACTS.outboundMessage.type } });
    expect(
      decode({
        ...given,
        to: [
          { kind: 'email', id: 'ann@example.com', name: null },
          { kind: 'fax', id: '1', name: null },
        ],
        provider_fields: {},
      }),
    ).toMatchObject({ error: { reason: expect.stringContaining('to[1].kind: must be one of email') } });
    expect(decode({ ...given, to: [], provider_fields: { 'ann@example.com': 1 } })).toMatchObject({
      error: { reason: 'outbound-message v1: provider_fields.*: must be string' },
    });
  });
});

describe('createCodecs', () => {
  it('has one codec for each contract, under its name', () => {
    const codecs = createCodecs();
    expect(Object.keys(codecs).sort()).toEqual(Object.keys(CONTRACTS).sort());
    for (const name of Object.keys(CONTRACTS) as (keyof typeof CONTRACTS)[])
      expect(codecs[name].contract).toBe(CONTRACTS[name]);
  });

  it('leaves an optional field that is undefined out of the value', () => {
    const attachment = {
      key: 'k',
      size: 1,
      sha256: 'a'.repeat(64),
      name: 'a.png',
      content_type: 'image/png',
      inline: false,
    };
    const message: OutboundMessageV1 = {
      outbound_id: 'o',
      tenant: 't',
      account_id: 'a',
      channel: 'email',
      channel_slug: 's',
      ticket_id: 't',
      ticket_number: 1,
      conversation_key: 'c',
      kind: 'reply',
      to: [],
      author_name: null,
      subject: null,
      text: 'x',
      attachments: [attachment],
      in_reply_to: null,
      references: [],
      provider_fields: {},
      created_at: fate.decided_at,
    };
    const withUndefined = {
      ...message,
      attachments: [{ ...attachment, content_id: undefined }],
    } as unknown as OutboundMessageV1;
    const { outboundMessage } = createCodecs();
    expect(
      outboundMessage.encode(withUndefined, options).value.equals(outboundMessage.encode(message, options).value),
    ).toBe(true);
  });
});
