import { parseAddresses } from './addresses.js';
import { cleanFileName, cleanLine, cleanText } from './cleaning.js';
import { unflow } from './flowed.js';
import { headersToText, headerValues, readHead } from './headers.js';
import { parseMailDate } from './mail-date.js';
import { parseMessageIds, parseReferences } from './message-ids.js';

describe('readHead', () => {
  it('reads folded, repeated and raw 8-bit fields and passes over junk', () => {
    const raw = Buffer.concat([
      Buffer.from('A: one\r\n two\r\nno header here\r\nReceived: 1\nReceived: 2\r\nB : '),
      Buffer.from([0xe9]),
      Buffer.from('\r\n\r\nbody'),
    ]);
    const head = readHead(raw);
    expect(headersToText(head.fields)).toEqual([
      { name: 'a', value: 'one two' },
      { name: 'received', value: '1' },
      { name: 'received', value: '2' },
      { name: 'b', value: 'é' },
    ]);
    expect(raw.subarray(head.bodyOffset).toString()).toBe('body');
    expect(head.damaged).toBe(true);
  });

  it('does not join a folded line to a field that was passed over', () => {
    const head = readHead(Buffer.from('A: one\nbroken line\n and its rest\nB: two\n\n'));
    expect(headerValues(headersToText(head.fields), 'a')).toEqual(['one']);
  });

  it('leaves no line break or NUL in a value', () => {
    expect(headersToText(readHead(Buffer.from('Subject: a\0b\rBcc: x\n\n')).fields)).toEqual([
      { name: 'subject', value: 'a b Bcc: x' },
    ]);
  });
});

describe('cleaning', () => {
  const names: [given: string, clean: string][] = [
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\bill.pdf', 'bill.pdf'],
    ['a\r\nb\0.txt', 'ab.txt'],
    ['exe.\u202Egpj', 'exe.gpj'],
    ['.htaccess', 'htaccess'],
    ['...', 'fallback'],
    ['', 'fallback'],
    ['con.txt', '_con.txt'],
    ['a<b>|c?.txt', 'a_b__c_.txt'],
    ['dir/', 'dir'],
    ['\uD83D.png', '\uFFFD.png'],
    [`${'ä'.repeat(300)}.pdf`, `${'ä'.repeat(146)}.pdf`],
  ];
  it.each(names)('file name %j', (given, clean) => expect(cleanFileName(given, 'fallback')).toBe(clean));

  it('makes one line of a subject', () => {
    expect(cleanLine('a\r\nBcc: b\u2028c\u202Ed\0 \uDC00')).toBe('a Bcc: b cd \uFFFD');
    expect(cleanLine('😀'.repeat(600), 99)).toHaveLength(98);
  });

  it('makes text of LF lines without controls', () => {
    expect(cleanText('\uFEFFa\r\nb\rc\0\u0007\td\uD800')).toBe('a\nb\nc\td\uFFFD');
  });
});

describe('addresses', () => {
  const table: [value: string, expected: unknown][] = [
    ['Ann <ANN@Example.ORG>', [{ address: 'ANN@example.org', name: 'Ann' }]],
    ['"Doe, Jane" <j@x.test>, b@x.test', [{ address: 'j@x.test', name: 'Doe, Jane' }, { address: 'b@x.test' }]],
    ['Team: a@x.test, b@x.test;', [{ address: 'a@x.test' }, { address: 'b@x.test' }]],
    ['=?utf-8?Q?J=C3=BCrgen?= <j@x.test>', [{ address: 'j@x.test', name: 'Jürgen' }]],
    ['=?utf-8?B?PGV2aWxAeC50ZXN0Pg==?= <real@y.test>', [{ address: 'real@y.test', name: '<evil@x.test>' }]],
    ['undisclosed-recipients:;', []],
    ['not an address', []],
    ['<a@b@c>', []],
    ['', []],
  ];
  it.each(table)('%s', (value, expected) => expect(parseAddresses([value])).toEqual(expected));

  it('is bounded on hostile input', () => {
    const started = Date.now();
    for (const piece of ['<', '(', '"', 'a@b,', ':', '<a@', '\\"', 'x: ']) parseAddresses([piece.repeat(200_000)]);
    expect(Date.now() - started).toBeLessThan(8000);
  });
});

describe('message ids', () => {
  it.each([
    ['<a@x> junk <b@y>,<a@x>', ['<a@x>', '<b@y>']],
    ['<a @x>', ['<a@x>']],
    ['a@x b@y', ['<a@x>', '<b@y>']],
    ['Your message of Monday', []],
    ['<>', []],
    ['<unclosed@x <b@y>', ['<b@y>']],
    ['<no-at-sign>', ['<no-at-sign>']],
  ])('%s', (value, ids) => expect(parseMessageIds(value)).toEqual(ids));

  it('keeps the root and the last ones of a very long chain', () => {
    const ids = parseReferences([Array.from({ length: 5000 }, (_unused, at) => `<${at}@x>`).join(' ')]);
    expect(ids).toHaveLength(100);
    expect([ids[0], ids[1], ids.at(-1)]).toEqual(['<0@x>', '<4901@x>', '<4999@x>']);
  });
});

describe('parseMailDate', () => {
  const received = new Date('2026-11-21T12:00:00Z');
  it.each([
    ['Sat, 21 Nov 2026 10:00:00 +0100 (CET)', '2026-11-21T09:00:00.000Z'],
    ['21 Nov 26 10:00 EST', '2026-11-21T15:00:00.000Z'],
    ['Sat, 21-Nov-2026 10:00:00 GMT', '2026-11-21T10:00:00.000Z'],
    ['Sa., 21 Nov 2026 10.00.00 +01:00', '2026-11-21T09:00:00.000Z'],
    ['2026-11-21T10:00:00+01:00', '2026-11-21T09:00:00.000Z'],
    ['Sat, 21 Nov 2026 10:00:00 +9900', '2026-11-21T10:00:00.000Z'],
    ['Tue, 01 Jan 1980 00:00:00 +0000', undefined],
    ['Fri, 01 Jan 2038 00:00:00 +0000', undefined],
    ['Sat, 41 Nov 2026 10:00:00 +0000', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('%s', (value, iso) => expect(parseMailDate(value, received)?.toISOString()).toBe(iso));
});

describe('unflow', () => {
  it('joins soft line breaks per quote depth and keeps the signature line (RFC 3676)', () => {
    expect(unflow('one \ntwo\n> q1 \n> q2\n>> deep\n stuffed\n-- \nAnn', false)).toBe(
      'one two\n> q1 q2\n>> deep\nstuffed\n-- \nAnn',
    );
    expect(unflow('Donau \ndampf', true)).toBe('Donaudampf');
  });
});
