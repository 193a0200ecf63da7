import fc from 'fast-check';
import { createMailParser } from '../mail-parser.js';
import type { ParsedMail } from '../parsed-mail.js';

const parser = createMailParser({ workers: 0 });

const VALID = [
  'From: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>\r\nTo: a@x.test, "B, C" <b@x.test>\r\nSubject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\r\nMessage-ID: <1@x.test>\r\nIn-Reply-To: <0@x.test>\r\nReferences: <a@x>\r\n <0@x.test>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n--=_b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe =\r\nan alle\r\nOn 21 Nov 2026 at 10:00, Shop <s@x.test> wrote:\r\n> old\r\n--bb\r\nContent-Type: text/html; charset=gb2312\r\n\r\n<p style="color:red">Hi<img src="cid:i@x"><blockquote type="cite">old</blockquote>\r\n--bb--\r\n--=_b\r\nContent-Type: image/png; name="a.png"\r\nContent-ID: <i@x>\r\nContent-Disposition: attachment; filename*0*=utf-8\'\'Gr%C3%BC; filename*1=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--=_b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner\r\n--=_b--\r\n',
  'Return-Path: <>\nFrom: MAILER-DAEMON@x.test\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nSorry.\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.1.1\n\n--r\nContent-Type: text/rfc822-headers\n\nMessage-ID: <o@x>\n--r--\n',
].map((mail) => Buffer.from(mail));

const SPLICES = [
  '\0',
  '\r',
  '\n',
  '\r\n\r\n',
  '--',
  '--=_b',
  '--bb--',
  '=?',
  '?=',
  '"',
  ';',
  '(',
  '<',
  '>',
  ':',
  '\u00ff',
  '\u001b$B',
  'Content-Type: multipart/mixed; boundary=bb\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'charset=utf-7',
  'charset=utf-16',
  "*0*=x''%ff",
  '=\r\n',
  '<div>',
  '<!--',
  '&#xD800;',
  ' ',
  '\t',
];

/** A longer search: FANIN_FUZZ_RUNS=100000. */
const RUNS = Number(process.env['FANIN_FUZZ_RUNS'] ?? 600);

type Mutation = { readonly at: number; readonly kind: number; readonly piece: number; readonly length: number };

function mutate(raw: Buffer, mutations: readonly Mutation[]): Buffer {
  let bytes = raw;
  for (const { at, kind, piece, length } of mutations) {
    const from = bytes.length === 0 ? 0 : at % bytes.length;
    const splice = Buffer.from(SPLICES[piece % SPLICES.length] ?? '', 'latin1');
    if (kind === 0) bytes = Buffer.concat([bytes.subarray(0, from), splice, bytes.subarray(from)]);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, from), splice, bytes.subarray(from + splice.length)]);
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(from, from + length), bytes.subarray(from)]);
    else bytes = Buffer.concat([bytes.subarray(0, from), Buffer.alloc(length, splice), bytes.subarray(from)]);
  }
  return bytes;
}

function expectClean(mail: ParsedMail): void {
  const lines = [
    mail.subject,
    mail.messageId,
    mail.inReplyTo ?? '',
    ...mail.references,
    ...mail.attachments.map(({ name }) => name),
    ...[...mail.from, ...mail.to].flatMap(({ address, name }) => [address, name ?? '']),
  ];
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  for (const { name } of mail.attachments) expect(name).not.toMatch(/[\\/]|^$|^\./u);
  for (const text of [mail.text, mail.content.text, mail.content.quotedText, mail.content.html ?? '', mail.html ?? ''])
    expect(text).not.toMatch(/(?![\t\n])\p{Cc}|\p{Cs}/u);
  expect(mail.messageId).toMatch(/^<[^<>\s]+>$/u);
}

describe('mutated mails', () => {
  it(
    'never throw, never hang, and come out clean',
    async () => {
      const mutation = fc.record({
        at: fc.nat(5000),
        kind: fc.nat(4),
        piece: fc.nat(SPLICES.length - 1),
        length: fc.integer({ min: 1, max: 60 }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...VALID),
          fc.array(mutation, { minLength: 1, maxLength: 12 }),
          async (raw, mutations) => {
            const bytes = mutate(raw, mutations);
            const started = Date.now();
            const mail = await parser.parse(bytes);
            expect(Date.now() - started).toBeLessThan(5000);
            expectClean(mail);
            expect(await parser.parse(bytes)).toEqual(mail);
          },
        ),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 100,
  );

  it('survive arbitrary bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) =>
        expectClean(await parser.parse(Buffer.from(bytes))),
      ),
      { numRuns: 200 },
    );
  }, 120_000);
});
