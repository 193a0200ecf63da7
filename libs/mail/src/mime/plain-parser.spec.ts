import fc from 'fast-check';
import { PARSE_LIMITS } from '../parsed-mail.js';
import { readHead } from '../text/headers.js';
import { parseWithMailparser } from './first-parser.js';
import { parsePlain } from './plain-parser.js';
import { repair } from './repair.js';

const HEAD = 'From: Ann <ann@x.test>\r\nSubject: S\r\nMessage-ID: <1@x.test>\r\n';

/** Both readings of a mail; the first is undefined where the short way is not taken. */
async function both(mail: Buffer): Promise<readonly [object | undefined, object]> {
  const { raw } = repair(mail);
  const head = readHead(raw);
  const plain = parsePlain(head, raw.subarray(head.bodyOffset), undefined);
  const whole = await parseWithMailparser(raw, PARSE_LIMITS, undefined);
  return [plain, whole];
}

describe('a mail without structure', () => {
  it.each([
    ['no type', ''],
    ['plain', 'Content-Type: text/plain\r\n'],
    [
      'charset',
      'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n',
    ],
    ['folded', 'Content-Type: text/plain;\r\n charset=iso-8859-1\r\nContent-Transfer-Encoding: 7BIT\r\n'],
  ])('is read by itself as the parser reads it: %s', async (_name, fields) => {
    const lines = fc.array(
      fc.oneof(
        fc.string({ maxLength: 90 }),
        fc.constantFrom(
          '',
          ' ',
          '.',
          '--b',
          '--b--',
          'From ann',
          '> old',
          'Grüße 😀',
          'Content-Type: x',
          '=20',
          '\u00a0',
        ),
      ),
      { maxLength: 12 },
    );
    const ends = fc.constantFrom('\r\n', '\n');
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        lines,
        ends,
        fc.constantFrom('', '\r\n', '\n', '\n\n', '\r\n\r\n\r\n'),
        async (body, end, last) => {
          const [plain, whole] = await both(Buffer.from(`${HEAD}${fields}\r\n${body.join(end)}${last}`));
          if (plain === undefined) return;
          taken += 1;
          expect(plain).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('is read by itself whatever its bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const [plain, whole] = await both(Buffer.concat([Buffer.from(`${HEAD}\r\n`), bytes]));
        if (plain !== undefined) expect(plain).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    'Content-Type: text/html\r\n',
    'Content-Type: text/plain; format=flowed\r\n',
    'Content-Type: text/plain; name="a.txt"\r\n',
    'Content-Type: text/plain\r\nContent-Type: text/plain\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'Content-Transfer-Encoding: quoted-printable\r\n',
    'Content-Disposition: attachment\r\n',
    'no field at all\r\n',
  ])('is what %j is not', async (fields) => {
    const raw = Buffer.from(`${HEAD}${fields}\r\nSGVsbG8=\r\n`);
    const head = readHead(raw);
    expect(parsePlain(head, raw.subarray(head.bodyOffset), undefined)).toBeUndefined();
  });
});
