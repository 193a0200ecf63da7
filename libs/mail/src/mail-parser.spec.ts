import { createMailParser, type MailParser } from './mail-parser.js';

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

describe('createMailParser', () => {
  let parser: MailParser;
  afterEach(() => parser.close());

  it('parses in worker threads', async () => {
    parser = createMailParser({ workers: 1 });
    const mail = await parser.parse(SIMPLE);
    expect(mail).toMatchObject({
      subject: 'Grüße',
      messageId: '<1@example.org>',
      from: [{ name: 'Ann', address: 'ann@example.org' }],
      text: 'Hello\n',
      flags: [],
      date: new Date('2026-11-21T09:00:00Z'),
    });
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
    parser = createMailParser({ workers: 1, timeoutMs: 40 });
    const slow = Buffer.concat([
      SIMPLE.subarray(0, SIMPLE.indexOf('Content-Type')),
      Buffer.from('Content-Type: text/html\r\n\r\n'),
      Buffer.from('<div style="color:red">'.repeat(300_000)),
    ]);
    const mail = await parser.parse(slow);
    expect(mail).toMatchObject({ subject: 'Grüße', unparsed: { reason: 'timeout' } });
    await parser.close();
    parser = createMailParser({ workers: 1, timeoutMs: 15_000 });
    expect((await parser.parse(SIMPLE)).text).toBe('Hello\n');
  });

  it('survives a worker that runs out of memory', async () => {
    parser = createMailParser({ workers: 1, maxMemoryMb: 24, maxHtmlLength: 30_000_000, timeoutMs: 20_000 });
    const big = Buffer.concat([
      SIMPLE.subarray(0, SIMPLE.indexOf('Content-Type')),
      Buffer.from('Content-Type: text/html\r\n\r\n'),
      Buffer.from('<p>x</p>'.repeat(3_000_000)),
    ]);
    expect(await parser.parse(big)).toMatchObject({ unparsed: { reason: 'memory' } });
    expect((await parser.parse(SIMPLE)).text).toBe('Hello\n');
  });

  it('answers what is in work when it is closed', async () => {
    parser = createMailParser({ workers: 1 });
    const pending = [parser.parse(SIMPLE), parser.parse(SIMPLE)];
    await parser.close();
    const mails = await Promise.all(pending);
    expect(mails.map((mail) => mail.unparsed?.reason)).toEqual(['parser_error', 'parser_error']);
    expect(mails.map((mail) => mail.text)).toEqual(['Hello', 'Hello']);
  });
});
