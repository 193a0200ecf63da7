import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import { createMailParser } from '../mail-parser.js';
import type { ParsedMail } from '../parsed-mail.js';

const parser = createMailParser({ workers: 0 });
const HEAD =
  'From: Ann <ann@x.test>\r\nTo: support@shop.test\r\nSubject: S\r\nMessage-ID: <1@x.test>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n';
const crlf = (text: string): string => text.replace(/\r?\n/gu, '\r\n');
const mail = (rest: string): Buffer => Buffer.from(HEAD + crlf(rest));
const bytes = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat([
    Buffer.from(HEAD),
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(crlf(part)) : part)),
  ]);
const nested = (depth: number): string => {
  let body = 'Content-Type: text/plain\n\ndeep text\n';
  for (let level = depth; level > 0; level -= 1)
    body = `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n${body}\n--b${level}--\n`;
  return body;
};
const manyParts = (count: number): string =>
  `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst text\n${Array.from({ length: count }, (_unused, at) => `--b\nContent-Type: image/gif; name=${at}.gif\n\nGIF${at}\n`).join('')}--b--\n`;

interface Expected {
  readonly text?: string;
  readonly subject?: string;
  readonly html?: string;
  readonly files?: readonly string[];
  readonly flags?: readonly string[];
  readonly unparsed?: string;
  readonly check?: (parsed: ParsedMail) => void;
}

const CASES: readonly (readonly [name: string, raw: Buffer, expected: Expected])[] = [
  ['plain', mail('\nHello\n'), { text: 'Hello', flags: [] }],
  ['LF line ends', Buffer.from(mail('\nHello\nyou\n').toString().replace(/\r/gu, '')), { text: 'Hello\nyou' }],
  [
    'CR line ends',
    Buffer.from(mail('\nHello\nyou\n').toString().replace(/\n/gu, '')),
    { text: 'Hello\nyou', subject: 'S', flags: ['structure_repaired'] },
  ],
  ['mixed line ends', Buffer.from(`${HEAD}\nHello\r\nyou\nthere\r`), { text: 'Hello\nyou\nthere' }],
  ['empty body', mail('\n'), { text: '', flags: [] }],
  ['no body and no blank line', Buffer.from(HEAD), { text: '', flags: [] }],
  ['only white space', mail('\n \t\n\n'), { text: '', flags: [] }],
  ['empty input', Buffer.alloc(0), { text: '', subject: '', flags: ['message_id_synthesised', 'date_missing'] }],
  [
    'body without any header',
    Buffer.from('\r\n\r\njust text\r\n'),
    { check: (parsed) => expect(parsed.unparsed === undefined || parsed.text.includes('just text')).toBe(true) },
  ],
  [
    'mbox separator first',
    Buffer.concat([Buffer.from('From ann@x.test Sat Nov 21 10:00:00 2026\r\n'), mail('\nHello\n')]),
    { text: 'Hello', subject: 'S', flags: ['structure_repaired'] },
  ],
  [
    'byte order mark and blank lines first',
    Buffer.concat([Buffer.from('\uFEFF\r\n\r\n'), mail('\nHello\n')]),
    { text: 'Hello', subject: 'S' },
  ],
  [
    'missing headers',
    Buffer.from('Subject: alone\r\n\r\nHello\r\n'),
    { text: 'Hello', subject: 'alone', flags: ['message_id_synthesised', 'date_missing'] },
  ],
  [
    'junk lines between headers',
    mail('this is no header\nX-A: 1\n\nHello\n'),
    { text: 'Hello', flags: ['headers_damaged'] },
  ],
  [
    'repeated From and Subject: the topmost counts',
    mail('From: evil@y.test\nSubject: T\n\nHello\n'),
    {
      subject: 'S',
      flags: ['repeated_header'],
      check: (parsed) => expect(parsed.from).toEqual([{ address: 'ann@x.test', name: 'Ann' }]),
    },
  ],
  [
    'subject with raw UTF-8',
    Buffer.from('Subject: Grüße\r\nDate: x\r\nMessage-ID: <a@b>\r\n\r\nHi'),
    { subject: 'Grüße', flags: ['date_unusable'] },
  ],
  [
    'subject with raw koi8-r as named by the body',
    Buffer.concat([
      Buffer.from('Subject: '),
      iconv.encode('Заказ', 'koi8-r'),
      Buffer.from('\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n'),
      iconv.encode('Где мой заказ', 'koi8-r'),
    ]),
    { subject: 'Заказ', text: 'Где мой заказ' },
  ],
  [
    'line breaks and NUL in an encoded subject',
    Buffer.from('Subject: =?utf-8?Q?a=0D=0ABcc:_b=00c?=\r\n\r\nHi'),
    { subject: 'a Bcc: b c', text: 'Hi' },
  ],
  ['NULs in the body', bytes('\n', Buffer.from('a\0b\0')), { text: 'ab' }],
  [
    'quoted-printable',
    mail(
      'Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\nGr=C3=BC=\n=C3=9Fe =3D\n',
    ),
    { text: 'Grüße =' },
  ],
  [
    'damaged quoted-printable',
    mail('Content-Transfer-Encoding: quoted-printable\n\n100=% a=ZZ b= \nc =C3=A4 =\n'),
    { check: (parsed) => expect(parsed.text).toMatch(/100.*a.*b.*c ä/su) },
  ],
  [
    'base64 text',
    mail('Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n\nR3LDvMOf\nZQ==\n'),
    { text: 'Grüße' },
  ],
  ['damaged base64', mail('Content-Transfer-Encoding: base64\n\n!!SGVs*bG8gd29y\nbGQ\n'), { text: 'Hello world' }],
  [
    'base64 split inside a character',
    mail('Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n\n4p\nyTIG\n9r\n'),
    { text: '✓ ok' },
  ],
  ['unknown transfer encoding', mail('Content-Transfer-Encoding: x-unknown\n\nHello\n'), { text: 'Hello' }],
  ['transfer encoding with a comment', mail('Content-Transfer-Encoding: 7bit (really)\n\nHello\n'), { text: 'Hello' }],
  ['utf-7', mail('Content-Type: text/plain; charset=utf-7\n\nGr+APwA3w-e\n'), { text: 'Grüße' }],
  [
    'x-sjis',
    bytes('Content-Type: text/plain; charset=x-sjis\n\n', iconv.encode('注文について', 'cp932')),
    { text: '注文について' },
  ],
  [
    'iso-8859-8-i',
    bytes('Content-Type: text/plain; charset=iso-8859-8-i\n\n', Buffer.from('f9ece5ed', 'hex')),
    { text: 'שלום' },
  ],
  [
    'cp-850',
    bytes('Content-Type: text/plain; charset=cp-850\n\n', Buffer.from('Gr\x81\xe1e', 'latin1')),
    { text: 'Grüße' },
  ],
  [
    'gb2312 that is gbk',
    bytes('Content-Type: text/plain; charset=gb2312\n\n', iconv.encode('镕基', 'gbk')),
    { text: '镕基' },
  ],
  [
    'us-ascii that is UTF-8',
    mail('Content-Type: text/plain; charset=us-ascii\n\nGrüße\n'),
    { text: 'Grüße', flags: ['charset_guessed'] },
  ],
  [
    'us-ascii that is windows-1252',
    bytes('Content-Type: text/plain; charset=us-ascii\n\n', Buffer.from('caf\xe9 \x80', 'latin1')),
    { text: 'café €', flags: ['charset_guessed'] },
  ],
  [
    'iso-2022-jp in quoted-printable',
    mail(
      'Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: quoted-printable\n\n=1B$BF|K\\=1B(B\n',
    ),
    { text: '日本' },
  ],
  [
    '8-bit without a label',
    bytes('\n', Buffer.from('caf\xe9', 'latin1')),
    { text: 'café', flags: ['charset_guessed'] },
  ],
  [
    'HTML with its charset in meta only',
    bytes(
      'Content-Type: text/html\n\n',
      Buffer.from('<meta charset="windows-1251"><p>'),
      iconv.encode('Заказ', 'windows-1251'),
    ),
    { text: 'Заказ', flags: ['text_from_html'] },
  ],
  ['format=flowed', mail('Content-Type: text/plain; format=flowed\n\none \ntwo\n'), { text: 'one two' }],
  [
    'HTML only',
    mail('Content-Type: text/html\n\n<p>Hello <b>you</b></p><script>alert(1)</script>\n'),
    { text: 'Hello you', flags: ['text_from_html'] },
  ],
  [
    'alternative',
    mail(
      'Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n',
    ),
    { text: 'plain', html: '<p>rich</p>', flags: [] },
  ],
  [
    'alternative with empty text',
    mail(
      'Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n',
    ),
    { text: 'rich', flags: ['text_from_html'] },
  ],
  [
    'two text parts',
    mail('Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n'),
    { text: 'one\ntwo' },
  ],
  [
    'text then HTML, not alternative',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1 < 2\n--b\nContent-Type: text/html\n\n<p>two</p>\n--b--\n',
    ),
    { text: '1 < 2\ntwo', html: '<pre>1 &lt; 2</pre><br>\n<p>two</p>' },
  ],
  [
    'boundary lines padded with white space (RFC 2046 §5.1.1)',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nHello\n--b  \nContent-Type: application/pdf; name=a.pdf\n\nPDF\n--b-- \n',
    ),
    { text: 'Hello', files: ['a.pdf'], flags: ['structure_repaired'] },
  ],
  ['no closing boundary', mail('Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n'), { text: 'Hello' }],
  [
    'preamble and epilogue are no content',
    mail('Content-Type: multipart/mixed; boundary=b\n\nignore me\n--b\n\nHello\n--b--\nand me\n'),
    { text: 'Hello' },
  ],
  [
    'boundary with special characters',
    mail('Content-Type: multipart/mixed; boundary="=_a+b?(c):/d"\n\n--=_a+b?(c):/d\n\nHello\n--=_a+b?(c):/d--\n'),
    { text: 'Hello' },
  ],
  [
    'boundary that is a prefix of another',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\nHello\n--bb--\n--b\nContent-Type: image/png; name=x.png\n\nPNG\n--b--\n',
    ),
    { text: 'Hello', files: ['x.png'] },
  ],
  [
    'multipart without a boundary parameter',
    mail('Content-Type: multipart/mixed\n\n--zz\n\nHello\n--zz--\n'),
    { text: 'Hello', flags: ['structure_repaired'] },
  ],
  [
    'multipart with the wrong boundary',
    mail(
      'Content-Type: multipart/mixed; boundary=other\n\n--zz\n\nHello\n--zz\nContent-Type: image/png; name=x.png\n\nPNG\n--zz--\n',
    ),
    { text: 'Hello', files: ['x.png'], flags: ['structure_repaired'] },
  ],
  [
    'multipart whose boundary never comes',
    mail('Content-Type: multipart/mixed; boundary=never\n\nHello there\n'),
    { text: 'Hello there', unparsed: 'empty_result' },
  ],
  ['empty multipart', mail('Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--\n'), { text: '', flags: [] }],
  [
    'only an attachment',
    mail('Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nUERG\n'),
    {
      text: '',
      files: ['a.pdf'],
      check: (parsed) =>
        expect(parsed.attachments[0]).toMatchObject({
          sizeBytes: 3,
          contentType: 'application/pdf',
          sha256: createHash('sha256').update('PDF').digest('hex'),
        }),
    },
  ],
  [
    'text file as attachment',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Disposition: attachment; filename="log.txt"\n\nlines\n--b--\n',
    ),
    { text: 'Hello', files: ['log.txt'] },
  ],
  [
    'inline text file after the text',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: text/plain; name=notes.txt\nContent-Disposition: inline\n\nnote\n--b--\n',
    ),
    { text: 'Hello', files: ['notes.txt'] },
  ],
  [
    'hostile file names',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename="../../x\\\\y.sh"\n\na\n--b\nContent-Disposition: attachment; filename*=utf-8\'\'%0D%0A%E2%80%AEgpj.exe\n\nb\n--b\nContent-Disposition: attachment\nContent-Type: image/png\n\nc\n--b--\n',
    ),
    { files: ['y.sh', 'gpj.exe', 'attachment-3.png'] },
  ],
  [
    'raw 8-bit file name',
    bytes(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename="',
      Buffer.from('Grüße.pdf'),
      '"\n\nx\n--b--\n',
    ),
    { files: ['Grüße.pdf'] },
  ],
  [
    'RFC 2231 file name in pieces',
    mail(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment;\n filename*0*=utf-8''Gr%C3%BC%C3;\n filename*1*=%9Fe.pdf\n\nx\n--b--\n",
    ),
    { files: ['Grüße.pdf'] },
  ],
  [
    'related image',
    mail(
      'Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src="cid:i@x"><img src="cid:other">\n--b\nContent-Type: image/png\nContent-ID: <i@x>\n\nPNG\n--b--\n',
    ),
    {
      files: ['attachment-1.png'],
      check: (parsed) => {
        expect(parsed.attachments[0]).toMatchObject({ inline: true, contentId: 'i@x' });
        expect(parsed.content.html).toBe('<img src="cid:i@x" /><img />');
      },
    },
  ],
  [
    'message/rfc822 stays an attachment',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n--b--\n',
    ),
    { text: 'see below', files: ['attachment-1.eml'] },
  ],
  [
    'message/rfc822 inline',
    mail('Content-Type: message/rfc822\nContent-Disposition: inline\n\nSubject: inner\n\ninner text\n'),
    { text: '', subject: 'S', files: ['attachment-1.eml'] },
  ],
  [
    'digest',
    mail('Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\none\n--b--\n'),
    { check: (parsed) => expect(parsed.unparsed).toBeUndefined() },
  ],
  [
    'calendar',
    mail(
      'Content-Type: multipart/alternative; boundary=b\n\n--b\n\ninvitation\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n',
    ),
    {
      text: 'invitation',
      files: ['attachment-1.ics'],
      flags: ['calendar'],
      check: (parsed) => expect(parsed.attachments[0]?.contentTypeParams).toEqual({ method: 'REQUEST' }),
    },
  ],
  [
    'winmail.dat',
    mail(
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nTNEF\n--b--\n',
    ),
    { files: ['winmail.dat'], flags: ['winmail_dat'] },
  ],
  [
    'S/MIME signed',
    mail(
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nsig\n--b--\n',
    ),
    { text: 'Hello', flags: ['smime_signed'], files: ['smime.p7s'] },
  ],
  [
    'S/MIME encrypted',
    mail(
      'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nAAAA\n',
    ),
    { flags: ['smime_encrypted'], files: ['smime.p7m'] },
  ],
  [
    'PGP/MIME',
    mail(
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\n--b--\n',
    ),
    { flags: ['pgp_encrypted'] },
  ],
  ['PGP inline', mail('\n-----BEGIN PGP MESSAGE-----\nxx\n'), { flags: ['pgp_encrypted'] }],
  ['nested 20 deep', mail(nested(20)), { text: 'deep text' }],
  [
    'nested 900 deep',
    mail(nested(900)),
    {
      check: (parsed) =>
        expect(parsed.flags.some((flag) => flag === 'parts_left_out' || flag === 'unparsed')).toBe(true),
    },
  ],
  [
    'nested 5000 deep',
    mail(nested(5000)),
    { check: (parsed) => expect(parsed.text !== '' || parsed.unparsed !== undefined).toBe(true) },
  ],
  [
    '500 parts',
    mail(manyParts(500)),
    { text: 'first text', check: (parsed) => expect(parsed.attachments).toHaveLength(500) },
  ],
  [
    '5000 parts',
    mail(manyParts(5000)),
    {
      text: 'first text',
      check: (parsed) => {
        expect(parsed.flags).toContain('parts_left_out');
        expect(parsed.attachments).toHaveLength(999);
      },
    },
  ],
  [
    '1 MB header',
    Buffer.concat([Buffer.from(`X-Big: ${'x'.repeat(1024 * 1024)}\r\n`), mail('\nHello\n')]),
    { subject: 'S', text: 'Hello', flags: ['headers_damaged', 'second_parser'] },
  ],
  [
    '1 MB of folded header after the others',
    mail(`X-Big: a\n${` ${'x'.repeat(70)}\n`.repeat(14_000)}\nHello\n`),
    { subject: 'S', text: 'Hello', flags: ['headers_damaged'] },
  ],
  [
    '2000 header fields',
    mail(`${'X-A: 1\n'.repeat(2000)}\nHello\n`),
    { subject: 'S', text: 'Hello', flags: ['headers_damaged'] },
  ],
  [
    'one line of 2 MB',
    mail(`\n${'x'.repeat(2 * 1024 * 1024)}\n`),
    { check: (parsed) => expect(parsed.text.length).toBeGreaterThan(2_000_000) },
  ],
  [
    'text over the limit is cut and attached whole',
    mail(`\n${'line\n'.repeat(600_000)}`),
    {
      flags: ['text_shortened'],
      files: ['attachment-1.txt'],
      check: (parsed) => expect(parsed.attachments[0]?.sizeBytes).toBeGreaterThan(2_900_000),
    },
  ],
  [
    'HTML over the limit is cut and attached whole',
    mail(`Content-Type: text/html\n\n${'<p>x</p>\n'.repeat(150_000)}`),
    { flags: ['html_shortened', 'text_from_html'], files: ['attachment-1.html'] },
  ],
  [
    'HTML nested without end is cut and attached whole',
    mail(`Content-Type: text/html\n\nfirst${'<div>'.repeat(150_000)}x`),
    { text: 'first\n…', flags: ['html_shortened', 'text_from_html'], files: ['attachment-1.html'] },
  ],
  [
    'nothing but delimiters',
    mail(`Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n${'--b\n'.repeat(200_000)}`),
    { text: 'first', check: (parsed) => expect(parsed.flags).toContain('parts_left_out') },
  ],
  [
    'lone surrogates',
    mail('Content-Type: text/plain; charset=utf-16be\nContent-Transfer-Encoding: base64\n\nANgAYQ==\n'),
    { check: (parsed) => expect(parsed.text).not.toMatch(/\p{Cs}/u) },
  ],
  ['content type that is no type', mail('Content-Type: text\n\nHello\n'), { text: 'Hello' }],
  ['content type with junk', mail('Content-Type: ;;;=\n\nHello\n'), { text: 'Hello' }],
  [
    'text/enriched is an attachment',
    mail('Content-Type: text/enriched\n\n<bold>x</bold>\n'),
    { files: ['attachment-1.bin'] },
  ],
  ['message/partial', mail('Content-Type: message/partial; id=x; number=1\n\nhalf\n'), { files: ['attachment-1.bin'] }],
  [
    'message/external-body',
    mail('Content-Type: message/external-body; access-type=URL; URL="http://x"\n\n\n'),
    { check: (parsed) => expect(parsed.unparsed).toBeUndefined() },
  ],
  [
    'binary rubbish',
    Buffer.from(Array.from({ length: 5000 }, (_unused, at) => (at * 7919) % 256)),
    { check: (parsed) => expect(parsed.messageId).toMatch(/^<sha256\.[0-9a-f]{64}@synthesised\.invalid>$/u) },
  ],
];

describe('mails of every odd kind', () => {
  it('has at least sixty of them', () => expect(CASES.length).toBeGreaterThanOrEqual(60));

  it.each(CASES)('%s', async (_name, raw, expected) => {
    const started = Date.now();
    const parsed = await parser.parse(raw, { receivedAt: new Date('2026-11-21T12:00:00Z') });
    expect(Date.now() - started).toBeLessThan(5000);
    if (expected.text !== undefined) expect(parsed.text.trim()).toBe(expected.text);
    if (expected.subject !== undefined) expect(parsed.subject).toBe(expected.subject);
    if (expected.html !== undefined) expect(parsed.html?.trim()).toBe(expected.html);
    if (expected.files !== undefined) expect(parsed.attachments.map(({ name }) => name)).toEqual(expected.files);
    if (expected.flags !== undefined)
      expect([...parsed.flags].sort()).toEqual(
        [...expected.flags, ...(expected.unparsed === undefined ? [] : ['unparsed'])].sort(),
      );
    expect(parsed.unparsed?.reason).toBe(
      expected.unparsed ?? (expected.check === undefined ? undefined : parsed.unparsed?.reason),
    );
    expected.check?.(parsed);
  });
});
