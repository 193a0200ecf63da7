import iconv from 'iconv-lite';
import { charsetFromLabel } from './charset-labels.js';
import { decodeText } from './charset.js';
import { decodeEncodedWords } from './encoded-words.js';
import { parseStructured } from './header-params.js';

const hex = (value: string): Buffer => Buffer.from(value.replace(/\s/gu, ''), 'hex');

describe('decodeText', () => {
  const table: [label: string | undefined, bytes: Buffer, text: string, charset: string][] = [
    ['utf-8', Buffer.from('Grüße'), 'Grüße', 'utf-8'],
    ['"UTF8"', Buffer.from('Grüße'), 'Grüße', 'utf-8'],
    ['us-ascii', Buffer.from('Grüße'), 'Grüße', 'utf-8'],
    ['us-ascii', hex('4772fcdf65'), 'Grüße', 'windows-1252'],
    ['iso-8859-1', hex('93 5a 94 20 80'), '“Z” €', 'windows-1252'],
    ['iso-8859-1', Buffer.from('naïve'), 'naïve', 'utf-8'],
    ['utf-8', hex('4772fcdf65 e4f6'), 'Grüßeäö', 'windows-1252'],
    [undefined, hex('e9'), 'é', 'windows-1252'],
    ['x-unknown', Buffer.from('žluť'), 'žluť', 'utf-8'],
    ['klingon-1', hex('fc'), 'ü', 'windows-1252'],
    ['x-sjis', iconv.encode('日本語テスト①', 'cp932'), '日本語テスト①', 'cp932'],
    ['Shift_JIS', iconv.encode('見積り', 'cp932'), '見積り', 'cp932'],
    ['cp-850', hex('81 e1'), 'üß', 'cp850'],
    ['IBM437', hex('81'), 'ü', 'cp437'],
    ['iso-8859-8-i', hex('f9 ec e5 ed'), 'שלום', 'iso-8859-8'],
    ['utf-7', Buffer.from('Gr+APwA3w-e'), 'Grüße', 'utf-7'],
    ['gb2312', iconv.encode('镕基訂單', 'gbk'), '镕基訂單', 'gb18030'],
    ['gb18030', iconv.encode('中文😀', 'gb18030'), '中文😀', 'gb18030'],
    ['big5', iconv.encode('訂單問題', 'big5'), '訂單問題', 'big5-hkscs'],
    ['ks_c_5601-1987', iconv.encode('주문 똠방', 'cp949'), '주문 똠방', 'cp949'],
    ['euc-jp', iconv.encode('注文', 'euc-jp'), '注文', 'euc-jp'],
    ['iso-2022-jp', hex('1b 24 42 46 7c 4b 5c 1b 28 42 21'), '日本!', 'iso-2022-jp'],
    [undefined, hex('1b 24 42 46 7c 4b 5c 1b 28 42 21'), '日本!', 'iso-2022-jp'],
    ['iso-2022-jp', iconv.encode('日本', 'cp932'), '日本', 'iso-2022-jp'],
    [
      'iso-2022-kr',
      Buffer.concat([
        hex('1b 24 29 43 0e'),
        Buffer.from(iconv.encode('주문', 'euc-kr').map((byte) => byte & 0x7f)),
        hex('0f 21'),
      ]),
      '주문!',
      'iso-2022-kr',
    ],
    [
      'hz-gb-2312',
      Buffer.concat([
        Buffer.from('a~{'),
        Buffer.from(iconv.encode('中文', 'gbk').map((byte) => byte & 0x7f)),
        Buffer.from('~}~~'),
      ]),
      'a中文~',
      'hz-gb-2312',
    ],
    ['koi8-r', iconv.encode('Заказ', 'koi8-r'), 'Заказ', 'koi8-r'],
    ['koi8-u', iconv.encode('Ґанок', 'koi8-u'), 'Ґанок', 'koi8-u'],
    ['win-1251', iconv.encode('Заказ', 'windows-1251'), 'Заказ', 'windows-1251'],
    ['cp1250', iconv.encode('Žluťoučký', 'windows-1250'), 'Žluťoučký', 'windows-1250'],
    ['latin2', iconv.encode('zażółć', 'iso-8859-2'), 'zażółć', 'iso-8859-2'],
    ['iso-8859-9', iconv.encode('şişe', 'windows-1254'), 'şişe', 'windows-1254'],
    ['ISO_8859-15', hex('a4'), '€', 'iso-8859-15'],
    ['windows-1257', iconv.encode('ąžuolas', 'windows-1257'), 'ąžuolas', 'windows-1257'],
    ['tis-620', iconv.encode('สวัสดี', 'windows-874'), 'สวัสดี', 'windows-874'],
    ['x-mac-roman', hex('9f'), 'ü', 'macintosh'],
    ['utf-16', hex('feff 00e4'), 'ä', 'utf-16be'],
    ['utf-16le', hex('e4 00'), 'ä', 'utf-16le'],
    ['utf-8', hex('efbbbf 61'), 'a', 'utf-8'],
    ['gbk', Buffer.from('订单问题 ok'), '订单问题 ok', 'utf-8'],
    ['gbk', iconv.encode('模', 'gbk'), '模', 'gb18030'],
  ];
  it.each(table)('%s', (label, bytes, text, charset) => {
    expect(decodeText(bytes, label)).toMatchObject({ text, charset });
  });

  it('uses the charset named elsewhere in the mail for unlabelled 8-bit text', () => {
    expect(decodeText(iconv.encode('Заказ', 'koi8-r'), undefined, 'koi8-r').text).toBe('Заказ');
  });

  it('keeps UTF-8 that is only damaged in places', () => {
    expect(decodeText(Buffer.concat([Buffer.from('Größe und Maß'), hex('c3')]), 'utf-8').text).toBe(
      'Größe und Maß\uFFFD',
    );
  });

  it('reads labels with noise', () => {
    expect(
      ['charset=utf-8', "'windows-1252'", 'ISO-8859-1; format=flowed', 'x-cp1251', 'csISOLatin1'].map(charsetFromLabel),
    ).toEqual(['utf-8', 'windows-1252', 'windows-1252', 'windows-1251', 'csisolatin1']);
  });
});

describe('decodeEncodedWords', () => {
  const table: [value: string, text: string][] = [
    ['plain', 'plain'],
    ['=?utf-8?Q?Gr=C3=BC=C3=9Fe_an?=  =?utf-8?q?_alle?= !', 'Grüße an alle !'],
    ['=?utf-8?B?R3LDvMOfZQ==?=', 'Grüße'],
    ['=?UTF-8?B?R3LD?= =?UTF-8?B?vMOfZQ==?=', 'Grüße'],
    ['=?utf-8?Q?Gr=C3?=\t=?utf-8?Q?=BC=C3=9F?=', 'Grüß'],
    ['=?iso-8859-1*de?Q?M=FCller?=', 'Müller'],
    ['=?iso-8859-1?Q?a?= =?utf-8?Q?=C3=BC?=', 'aü'],
    ['a=?utf-8?Q?=C3=BC?=b', 'aüb'],
    ['=?gb2312?B?xOO6ww==?=', '你好'],
    ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?unknown-8bit?Q?caf=E9?=', 'café'],
    ['=?utf-8?Q?open', '=?utf-8?Q?open'],
    ['=?utf-8?X?a?=', '=?utf-8?X?a?='],
    ['=?utf-8?Q?=ZZ=?=', '=ZZ='],
    ['=?utf-8?B?R3LDvM OfZQ==?=', 'Grüße'],
  ];
  it.each(table)('%s', (value, text) => expect(decodeEncodedWords(value)).toBe(text));

  it('is linear on hostile input', () => {
    const started = Date.now();
    for (const piece of ['=?', '=?a?', '=?a?b?', '=?a?b?x', '=?utf-8?q?=?= '])
      decodeEncodedWords(piece.repeat(100_000));
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('parseStructured', () => {
  const table: [header: string, params: Record<string, string>][] = [
    ['text/plain; charset=utf-8; name="a b.txt"', { charset: 'utf-8', name: 'a b.txt' }],
    ['attachment; filename=my file (1).pdf', { filename: 'my file (1).pdf' }],
    ["attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf", { filename: 'Grüße.pdf' }],
    [
      'attachment; filename*0*=iso-8859-1\'de\'M%FC; filename*1="ller"; filename*2=.pdf; filename=x',
      { filename: 'Müller.pdf' },
    ],
    ["attachment; filename*1*=%9Fe; filename*0*=utf-8''Gr%C3%BC%C3", { filename: 'Grüße' }],
    ['attachment; filename="=?utf-8?B?R3LDvMOfZS5wZGY=?="', { filename: 'Grüße.pdf' }],
    ['attachment (a comment; not a param); filename=a.txt', { filename: 'a.txt' }],
    ['attachment; filename="a\\"b;c.txt"', { filename: 'a"b;c.txt' }],
    ['attachment; filename="open', { filename: 'open' }],
    ['attachment; filename=a; filename=b; =c; ;;', { filename: 'a' }],
    [
      'x/y; __proto__=evil; constructor=x',
      JSON.parse('{"__proto__":"evil","constructor":"x"}') as Record<string, string>,
    ],
  ];
  it.each(table)('%s', (header, params) => {
    expect(parseStructured(header).params).toEqual(params);
    expect(Object.getPrototypeOf(parseStructured(header).params)).toBe(Object.prototype);
  });
});
