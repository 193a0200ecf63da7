import { createMailParser } from '../mail-parser.js';
import { baseSubject, readThreadingHints, type ThreadingHints } from './hints.js';
import { makeOwnMessageId, readOwnMessageId } from './own-message-id.js';
import { findReplyToken, makeReplyAddress, readReplyAddress, withoutSubaddress } from './reply-address.js';
import type { SigningSecrets } from './signature.js';

const old = 'old-secret-0123456789';
const secrets: SigningSecrets = ['new-secret-0123456789', old];
const parser = createMailParser({ workers: 0 });

async function hints(headers: string, envelopeRecipients: string[] = []): Promise<ThreadingHints> {
  return readThreadingHints(await parser.parse(Buffer.from(`Message-ID: <own@x>\n${headers}\n\nHi`)), {
    secrets,
    envelopeRecipients,
  });
}

describe('signed reply address', () => {
  const address = makeReplyAddress('Support@Shop.test', 't42', secrets);

  it('carries the id and 100 bits in what any mail system leaves alone', () => {
    expect(address).toMatch(/^Support\+t\.t42\.[a-z2-7]{20}@shop\.test$/u);
    expect(readReplyAddress(address, secrets)).toEqual({ id: 't42', base: 'Support@shop.test', address });
    expect(makeReplyAddress('Support@Shop.test', 't42', secrets)).toBe(address);
  });

  it('is read whatever happened to its case, and with a replaced secret', () => {
    expect(readReplyAddress(address.toUpperCase(), secrets)?.id).toBe('t42');
    expect(readReplyAddress(makeReplyAddress('support@shop.test', 't42', [old]), secrets)?.id).toBe('t42');
    expect(readReplyAddress(address, [old])).toBeUndefined();
  });

  it('cannot be changed in any character that matters', () => {
    const at = address.indexOf('+t.') + 3;
    for (let index = at; index < address.length; index += 1) {
      for (const char of ['a', 'b', '2', '.', '-']) {
        const changed = address.slice(0, index) + char + address.slice(index + 1);
        if (changed.toLowerCase() !== address.toLowerCase()) expect(readReplyAddress(changed, secrets)).toBeUndefined();
      }
    }
  });

  it('is not a signature for another purpose', () => {
    const mac = address.slice(address.lastIndexOf('.', address.indexOf('@')) + 1, address.indexOf('@'));
    expect(readOwnMessageId(`<fanin.t42.${mac}@shop.test>`, secrets)).toBeUndefined();
  });

  it.each([
    '',
    'support@shop.test',
    '+t.a.b@shop.test',
    'support+t.t42.@shop.test',
    'support+t..aaaaaaaaaaaaaaaaaaaa@shop.test',
    'x'.repeat(5000),
  ])('reads nothing from %s', (value) => {
    expect(readReplyAddress(value, secrets)).toBeUndefined();
  });

  it('refuses what cannot be signed', () => {
    expect(() => makeReplyAddress('no address', 't1', secrets)).toThrow('not an address');
    expect(() => makeReplyAddress('a@b.test', 'T.1', secrets)).toThrow('an id in a reply address');
    expect(() => makeReplyAddress('a@b.test', 't1', ['short'])).toThrow('at least 16 characters');
  });

  it('is found among addresses', () => {
    expect(findReplyToken(['a@b.test', address], secrets)?.id).toBe('t42');
    expect(withoutSubaddress(address)).toBe('Support@shop.test');
  });
});

describe('own Message-ID', () => {
  it('is made and read', () => {
    const id = makeOwnMessageId('m-1', 'Shop.test', secrets);
    expect(id).toMatch(/^<fanin\.m-1\.[a-z2-7]{20}@shop\.test>$/u);
    expect(readOwnMessageId(id, secrets)).toEqual({ id: 'm-1', domain: 'shop.test' });
    expect(readOwnMessageId(id.replace('m-1', 'm-2'), secrets)).toBeUndefined();
    expect(readOwnMessageId(id.replace('shop.test', 'other.test'), secrets)).toBeUndefined();
    expect(() => makeOwnMessageId('m1', 'a b', secrets)).toThrow('not a domain');
  });
});

describe('readThreadingHints', () => {
  it('keys by the root of References, else In-Reply-To, else the own Message-ID', async () => {
    expect((await hints('References: <root@x> <mid@x>\nIn-Reply-To: <mid@x>')).conversationKey).toBe('<root@x>');
    expect((await hints('In-Reply-To: <mid@x>')).conversationKey).toBe('<mid@x>');
    expect((await hints('Subject: a')).conversationKey).toBe('<own@x>');
  });

  it('lists candidates from the best evidence on', async () => {
    const own = makeOwnMessageId('m1', 'shop.test', secrets);
    const found = await hints(`References: <root@x> ${own}\n <last@x> <own@x>\nIn-Reply-To: <parent@x>`);
    expect(found.candidates).toEqual(['<parent@x>', '<last@x>', own, '<root@x>']);
    expect(found.ownMessageIds).toEqual([own]);
  });

  it.each(['To', 'Cc', 'Delivered-To', 'X-Original-To', 'Envelope-To'])(
    'reads the reply token from %s',
    async (header) => {
      const address = makeReplyAddress('support@shop.test', 't9', secrets);
      expect((await hints(`${header}: Shop <${address}>`)).replyToken?.id).toBe('t9');
    },
  );

  it('reads the reply token from the envelope, and no forged one', async () => {
    expect((await hints('Subject: a', [makeReplyAddress('support@shop.test', 't9', secrets)])).replyToken?.id).toBe(
      't9',
    );
    expect((await hints('To: support+t.t9.aaaaaaaaaaaaaaaaaaaa@shop.test')).replyToken).toBeUndefined();
  });

  it.each([
    ['Re: AW: [Fwd: Order', 'Order'],
    ['Re[2]: SV: Order', 'Order'],
    ['回复：订单', '订单'],
    ['Order: late', 'Order: late'],
    ['Re:', ''],
  ])('base subject of %s', (subject, base) => expect(baseSubject(subject)).toBe(base));
});
