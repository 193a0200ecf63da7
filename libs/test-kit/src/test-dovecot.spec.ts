import { readFile } from 'node:fs/promises';
import { describeWithDovecot } from './test-dovecot.js';

const mail = (n: number): string => `From: ada@customer.example\r\nSubject: Mail ${n}\r\n\r\nHello ${n}\r\n`;

describeWithDovecot('a Dovecot for tests', (dovecot) => {
  it('keeps mails, their flags and numbers over a kill', async () => {
    const server = dovecot();
    for (const n of [1, 2, 3]) await server.deliver('ada', mail(n));
    await server.setSeen('ada', '2');
    await server.kill();
    await server.start();
    const flags = await server.flags('ada');
    expect([...flags.keys()]).toEqual([1, 2, 3]);
    expect(flags.get(2)).toContain('\\Seen');
    const [first = ''] = await server.files('ada');
    expect(await readFile(first, 'utf8')).toBe(mail(1));
  });
  it('expunges by UID, and numbers anew after the UID list is gone', async () => {
    const server = dovecot();
    await server.expunge('ada', '1');
    expect([...(await server.flags('ada')).keys()]).toEqual([2, 3]);
    await server.resetUidValidity('ada');
    expect([...(await server.flags('ada')).keys()]).toEqual([1, 2]);
  });
  it('stops in order and starts again', async () => {
    await dovecot().stop();
    await dovecot().start();
    expect((await dovecot().flags('ada')).size).toBe(2);
  });
});
