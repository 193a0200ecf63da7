import { createMailParser, type MailParser } from './mail-parser.js';
import { readPlainMail, runParseJob } from './mime/parse-job.js';
import { PARSE_LIMITS } from './parsed-mail.js';
import { WantsTime } from './quoted/markers.js';

const SIMPLE = Buffer.from(
  [
    'From: Ann <ann@Example.ORG>',
    'To: support@shop.test',
    'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
    'Message-ID: <1@example.org>',
    'Date: Sat, 21 Nov 2026 10:00:00 +0100',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Hello',
    '',
  ].join('\r\n'),
);

/** Goes to a thread: it needs a parser. */
const MARKED_UP = Buffer.from(
  SIMPLE.toString().replace('text/plain', 'text/html').replace('Hello\r\n', '<p>Hello</p>\r\n'),
);

describe('createMailParser', () => {
  let parser: MailParser;
  afterEach(() => parser.close());

  it('parses in worker threads', async () => {
    parser = createMailParser({ workers: 1 });
    const mail = await parser.parse(MARKED_UP);
    expect(mail).toMatchObject({
      subject: 'Grüße',
      messageId: '<1@example.org>',
      from: [{ name: 'Ann', address: 'ann@example.org' }],
      text: 'Hello',
      html: '<p>Hello</p>\n',
      date: new Date('2026-11-21T09:00:00Z'),
    });
  });

  it('reads a short mail without structure where it is, as a thread would read it', async () => {
    parser = createMailParser({ workers: 1, timeoutMs: 1 });
    const whole = await runParseJob({ raw: SIMPLE, receivedAt: undefined, limits: PARSE_LIMITS, parsers: 'both' });
    expect(await parser.parse(SIMPLE)).toEqual(whole);
    expect(whole).toMatchObject({ text: 'Hello\n', flags: [] });
    expect(readPlainMail({ raw: MARKED_UP, receivedAt: undefined, limits: PARSE_LIMITS })).toBeUndefined();
    // The thread has no time for it, and it takes longer than any stall of this one.
    const long = Buffer.concat([MARKED_UP, Buffer.from('<p>On and on.</p>\r\n'.repeat(100_000))]);
    expect(await parser.parse(long)).toMatchObject({ unparsed: { reason: 'timeout' } });
  });

  it('leaves to a thread what only patterns that backtrack can tell', () => {
    const lines = Array.from({ length: 40 }, () => `${'1'.repeat(62)}${'from'.repeat(15)}${'<'.repeat(123)}x:`);
    const raw = Buffer.concat([SIMPLE, Buffer.from(lines.join('\r\n\r\n'))]);
    expect(raw.length).toBeLessThan(16 * 1024);
    expect(() => readPlainMail({ raw, receivedAt: undefined, limits: PARSE_LIMITS })).toThrow(WantsTime);
  });

  it('gives the same result in a worker and in the calling thread', async () => {
    parser = createMailParser({ workers: 1 });
    const inline = createMailParser({ workers: 0 });
    const raw = Buffer.from(
      SIMPLE.toString()
        .replace('text/plain; charset=utf-8', 'multipart/mixed; boundary=b')
        .replace('Hello', '--b\r\nContent-Type: application/pdf; name="../a.pdf"\r\n\r\nPDF\r\n--b--'),
    );
    const threaded = await parser.parse(raw);
    expect(threaded).toEqual(await inline.parse(raw));
    expect(threaded.attachments[0]?.name).toBe('a.pdf');
    expect(Buffer.isBuffer(threaded.attachments[0]?.content)).toBe(true);
  });

  it('answers a mail over the size limit with its head and a notice', async () => {
    parser = createMailParser({ workers: 0, maxBytes: 100 });
    expect(await parser.parse(SIMPLE)).toMatchObject({
      subject: 'Grüße',
      unparsed: { reason: 'too_large' },
      text: 'Hello',
      flags: ['unparsed'],
    });
  });

  it('kills a worker that runs out of time and goes on with a new one', async () => {
    parser = createMailParser({ workers: 1, timeoutMs: 1500, maxMemoryMb: 2048, maxHtmlLength: 60_000_000 });
    const head = SIMPLE.subarray(0, SIMPLE.indexOf('Content-Type'));
    const slow = Buffer.concat([
      head,
      Buffer.from('Content-Type: text/html\r\n\r\n'),
      Buffer.from('<p style="color:red">x</p>'.repeat(1_500_000)),
    ]);
    const [timedOut, next] = await Promise.all([parser.parse(slow), parser.parse(MARKED_UP)]);
    expect(timedOut).toMatchObject({ subject: 'Grüße', unparsed: { reason: 'timeout' } });
    expect(timedOut.text).toContain('<p style=');
    expect(next.text).toBe('Hello');
  });

  it('survives a worker that runs out of memory', async () => {
    parser = createMailParser({ workers: 1, maxMemoryMb: 24, maxHtmlLength: 30_000_000, timeoutMs: 20_000 });
    const big = Buffer.concat([
      SIMPLE.subarray(0, SIMPLE.indexOf('Content-Type')),
      Buffer.from('Content-Type: text/html\r\n\r\n'),
      Buffer.from('<p>x</p>'.repeat(3_000_000)),
    ]);
    expect(await parser.parse(big)).toMatchObject({ unparsed: { reason: 'memory' } });
    expect((await parser.parse(MARKED_UP)).text).toBe('Hello');
  });

  it('rejects what is in work when it is closed: it knows nothing about those mails', async () => {
    parser = createMailParser({ workers: 1 });
    const pending = Promise.allSettled([parser.parse(MARKED_UP), parser.parse(MARKED_UP)]);
    await parser.close();
    for (const result of await pending)
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'MailParserUnavailable' } });
    await expect(parser.parse(MARKED_UP)).rejects.toThrow('closed');
  });

  it('hashes content, not the way it came', async () => {
    parser = createMailParser({ workers: 0 });
    const hash = async (raw: Buffer | string): Promise<string> => (await parser.parse(Buffer.from(raw))).contentHash;
    const same = [SIMPLE, `Received: by mx\r\n${SIMPLE.toString()}`, SIMPLE.toString().replace(/\r/gu, '')];
    expect(new Set(await Promise.all(same.map(hash))).size).toBe(1);
    expect(await hash(SIMPLE.toString().replace('Hello', 'Hallo'))).not.toBe(await hash(SIMPLE));
  });
});
