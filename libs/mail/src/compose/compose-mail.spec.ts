import { createMailParser } from '../mail-parser.js';
import { classifyMail } from '../automatic/classify.js';
import { composeMail, type OutgoingMail } from './compose-mail.js';
import { buildReferences, replySubject } from './references.js';

const parser = createMailParser({ workers: 0 });
const BASE: OutgoingMail = {
  messageId: '<fanin.m1.mac@shop.test>',
  date: new Date('2026-11-21T10:00:00Z'),
  from: { address: 'support@shop.test', name: 'Shöp Support' },
  to: [{ address: 'ann@x.test', name: 'Doe, Ann' }],
  subject: 'Re: Größe',
  text: 'Hallo Ann,\n\ndas Paket ist unterwegs. ✓\n',
};

describe('composeMail', () => {
  it('builds an answer that reads back as it was meant', async () => {
    const sent = await composeMail({
      ...BASE,
      replyTo: 'support+t.t1.aaaaaaaaaaaaaaaaaaaa@shop.test',
      inReplyTo: '<q@x.test>',
      references: ['<root@x.test>', '<q@x.test>'],
      html: '<p>Hallo <img src="cid:logo"></p>',
      attachments: [
        { name: 'Größe.pdf', contentType: 'application/pdf', content: Buffer.from('PDF') },
        { name: 'logo.png', contentType: 'image/png', content: Buffer.from('PNG'), contentId: 'logo' },
      ],
    });
    expect(sent.envelope).toEqual({ from: 'support@shop.test', to: ['ann@x.test'] });
    const mail = await parser.parse(sent.raw);
    expect(mail).toMatchObject({
      messageId: BASE.messageId,
      inReplyTo: '<q@x.test>',
      references: ['<root@x.test>', '<q@x.test>'],
      from: [BASE.from],
      to: BASE.to,
      replyTo: [{ address: 'support+t.t1.aaaaaaaaaaaaaaaaaaaa@shop.test' }],
      subject: 'Re: Größe',
      date: BASE.date,
      flags: [],
    });
    expect(mail.text.trim()).toBe(BASE.text.trim());
    expect(
      mail.attachments.map(({ name, contentId, content }) => [name, contentId, content.toString()]).sort(),
    ).toEqual([
      ['Größe.pdf', undefined, 'PDF'],
      ['logo.png', 'logo', 'PNG'],
    ]);
    expect(
      sent.raw
        .toString('latin1')
        .split('\n')
        .every((line) => line.length <= 999),
    ).toBe(true);
    expect(sent.raw.toString('latin1').replace(/\r\n/gu, '')).not.toMatch(/[\r\n]/u);
  });

  it('makes the same bytes of the same command', async () => {
    const mail = {
      ...BASE,
      html: '<p>x</p>',
      attachments: [{ name: 'a.txt', contentType: 'text/plain', content: Buffer.from('a') }],
    };
    expect((await composeMail(mail)).raw.equals((await composeMail(mail)).raw)).toBe(true);
  });

  it('marks automatic mail (RFC 3834), which we then recognise ourselves', async () => {
    const sent = await composeMail({ ...BASE, automatic: { kind: 'auto-replied', loopId: 'fanin-1' } });
    expect(sent.envelope.from).toBe('');
    const head = sent.raw.toString();
    for (const line of [
      'Auto-Submitted: auto-replied',
      'X-Auto-Response-Suppress: All',
      'X-Loop: fanin-1',
      'Precedence: bulk',
    ])
      expect(head).toContain(`${line}\r\n`);
    expect(classifyMail(await parser.parse(sent.raw), {}, { ownAddresses: [], ownLoopIds: ['fanin-1'] })?.rule).toBe(
      'own_loop',
    );
    expect(
      (
        await composeMail({
          ...BASE,
          automatic: { kind: 'auto-generated', loopId: 'x' },
          envelopeFrom: 'bounce@shop.test',
        })
      ).envelope.from,
    ).toBe('bounce@shop.test');
  });

  const refused: [name: string, change: Partial<OutgoingMail>][] = [
    ['subject', { subject: 'a\r\nBcc: evil@x.test' }],
    ['subject', { subject: 'a\u2028b' }],
    ['from name', { from: { address: 'a@x.test', name: 'a\nb' } }],
    ['to', { to: [{ address: 'a@x.test>\r\nRCPT TO:<b@x.test' }] }],
    ['to', { to: [] }],
    ['to', { to: [{ address: 'a@x.test, b@x.test' }] }],
    ['replyTo', { replyTo: 'a@x.test\nBcc: c@x.test' }],
    ['envelopeFrom', { envelopeFrom: 'a b@x.test' }],
    ['Message-ID', { messageId: '<a@b>\r\nX: y' }],
    ['Message-ID', { references: ['<a@b> <c@d>'] }],
    ['Message-ID', { inReplyTo: 'a@b' }],
    ['loopId', { automatic: { kind: 'auto-replied', loopId: 'a\nb' } }],
    ['attachment name', { attachments: [{ name: 'a\r\nb', contentType: 'a/b', content: Buffer.alloc(0) }] }],
    ['content type', { attachments: [{ name: 'a', contentType: 'text/plain\r\nX: y', content: Buffer.alloc(0) }] }],
    [
      'Content-ID',
      { attachments: [{ name: 'a', contentType: 'a/b', content: Buffer.alloc(0), contentId: 'a>\r\nX' }] },
    ],
    ['date', { date: new Date(NaN) }],
  ];
  it.each(refused)('refuses a dangerous %s', async (field, change) => {
    await expect(composeMail({ ...BASE, ...change })).rejects.toThrow(field);
  });

  it('sends text that looks like headers or the end of data as text', async () => {
    const text = 'Subject: x\n\n.\nFrom here\n..\n';
    expect((await parser.parse((await composeMail({ ...BASE, text })).raw)).text.trim()).toBe(text.trim());
  });
});

describe('answer headers', () => {
  it('keeps the root and the last references within 900 characters', () => {
    const ids = Array.from({ length: 200 }, (_unused, at) => `<message-${at}@mail.example.org>`);
    const references = buildReferences(ids, '<parent@x.test>');
    expect(references.join(' ').length).toBeLessThanOrEqual(900);
    expect([references[0], references.at(-1), references.at(-2)]).toEqual([ids[0], '<parent@x.test>', ids[199]]);
    expect(buildReferences([], '<a@b>')).toEqual(['<a@b>']);
    expect(buildReferences(['<a@b>'], '<a@b>')).toEqual(['<a@b>']);
    expect(buildReferences([], undefined)).toEqual([]);
  });

  it.each([
    ['Order', 'Re: Order'],
    ['Re: Order', 'Re: Order'],
    ['AW: Order', 'AW: Order'],
    ['RE[2]: Order', 'RE[2]: Order'],
    ['Fwd: Order', 'Re: Fwd: Order'],
    ['Return of goods', 'Re: Return of goods'],
    ['', 'Re:'],
  ])('subject of an answer to %j', (subject, answer) => expect(replySubject(subject)).toBe(answer));
});
