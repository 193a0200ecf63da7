import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';
import type { Acknowledged, Oracle } from '../oracle/oracle.js';
import { Conversations } from './conversations.js';
import { ACKNOWLEDGED, refused, unsure, type Answer, type Door, type DrivenMessage } from './door.js';
import { SmtpDoor } from './doors/smtp.js';
import { Driver } from './driver.js';
import { Histogram } from './histogram.js';

/** What a driver told, by kind. */
class Ledger implements Oracle {
  readonly kept: Acknowledged[] = [];
  readonly maybe: Acknowledged[] = [];
  readonly no: string[] = [];
  acknowledged(one: Acknowledged): void {
    this.kept.push(one);
  }
  unsure(one: Acknowledged): void {
    this.maybe.push(one);
  }
  refused(_one: Acknowledged, how: string): void {
    this.no.push(how);
  }
}

class AnsweringDoor implements Door {
  readonly name = 'test';
  readonly account = 'a/test';
  readonly textBytes = 20;
  readonly seen: DrivenMessage[] = [];

  constructor(private readonly answer: (message: DrivenMessage, nth: number) => Promise<Answer>) {}

  idOf(run: string, sequence: number): string {
    return `${run}-${sequence}`;
  }

  send(message: DrivenMessage): Promise<Answer> {
    this.seen.push(message);
    const nth = this.seen.length;
    // As over a network: never at once.
    return new Promise((resolve) => setImmediate(resolve)).then(() => this.answer(message, nth));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('histogram', () => {
  it('tells quantiles within 1.1 % and can be added up', () => {
    const [one, other] = [new Histogram(), new Histogram()];
    for (let ms = 1; ms <= 500; ms += 1) one.add(ms);
    for (let ms = 501; ms <= 1_000; ms += 1) other.add(ms);
    one.merge(other.counts());
    expect(one.count).toBe(1_000);
    for (const share of [0.5, 0.9, 0.99])
      expect(Math.abs(one.quantile(share) / (share * 1_000) - 1)).toBeLessThan(0.012);
    expect([one.quantile(1), one.max, one.mean]).toEqual([1_000, 1_000, 500.5]);
    expect(new Histogram().quantile(0.5)).toBe(0);
  });
});

describe('conversations', () => {
  it('let one message be under way at a time, in order, and end after their turns', async () => {
    const door = new AnsweringDoor(() => Promise.resolve(ACKNOWLEDGED));
    const conversations = new Conversations(door, { conversations: 1, turns: 2, run: 'r' });
    const first = await conversations.next();
    let second: DrivenMessage | undefined;
    const waiting = conversations.next().then((turn) => ((second = turn.message), turn));
    await Promise.resolve();
    expect(second).toBeUndefined();
    first.done('acknowledged');
    const turn = await waiting;
    expect(turn.message).toMatchObject({
      conversation: first.message.conversation,
      n: 2,
      first: 'r-1',
      previous: 'r-1',
    });
    turn.done('acknowledged');
    const third = (await conversations.next()).message;
    expect(third).toMatchObject({ n: 1, first: undefined });
    expect(third.conversation).not.toBe(first.message.conversation);
  });
});

describe('driver', () => {
  it('tells apart what was acknowledged, refused and may have arrived; a conversation that is unsure ends', async () => {
    const ledger = new Ledger();
    const door = new AnsweringDoor((_message, nth) =>
      Promise.resolve(nth === 2 ? unsure(new Error('cut')) : nth === 3 ? refused('503') : ACKNOWLEDGED),
    );
    const driver = new Driver({ door, oracle: ledger, conversations: 1, run: 'r' });
    driver.start({ concurrency: 1 });
    while (door.seen.length < 6) await new Promise((resolve) => setImmediate(resolve));
    const report = await driver.stop();
    expect(report.refused).toEqual({ 503: 1 });
    expect(report.unsure).toEqual({ cut: 1 });
    expect(report.acknowledged).toBe(ledger.kept.length);
    expect(ledger.maybe.map(({ id }) => id)).toEqual(['r-2']);
    expect(door.seen[2]?.conversation).not.toBe(door.seen[1]?.conversation);
    expect(door.seen.every(({ id, text }) => text.includes(`#${id}#`))).toBe(true);
  });

  it('with a rate: offers on time while nothing is answered, and counts the wait from when a message was due', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const door = new AnsweringDoor(() => gate.then(() => ACKNOWLEDGED));
    const driver = new Driver({ door, oracle: new Ledger(), conversations: 1_000, run: 'r' });
    const began = performance.now();
    driver.start({ rate: 500 });
    while (door.seen.length < 50) await sleep(1);
    const stalledMs = performance.now() - began;
    open();
    const report = await driver.stop();
    const latency = Histogram.of(report.latency);
    expect(latency.count).toBe(report.sent);
    expect(latency.max).toBeGreaterThanOrEqual(stalledMs * 0.95);
  });
});

describe('SMTP door', () => {
  it('hands mails to a real server over connections that it keeps, and says what was refused', async () => {
    const mails: Buffer[] = [];
    let connections = 0;
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      onConnect: (_session, callback) => ((connections += 1), callback()),
      onRcptTo: ({ address }, _session, callback) =>
        callback(
          address === 'full@shop.test' ? Object.assign(new Error('4.2.2 full'), { responseCode: 452 }) : undefined,
        ),
      onData: (stream, _session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => (mails.push(Buffer.concat(chunks)), callback(null)));
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const spec = { kind: 'smtp', account: 'a/mail', port } as const;
    const door = new SmtpDoor({ ...spec, to: 'support@shop.test' });
    const full = new SmtpDoor({ ...spec, to: 'full@shop.test' });
    try {
      const conversations = new Conversations(door, { conversations: 1, run: 'r' });
      const sent: DrivenMessage[] = [];
      for (let nth = 0; nth < 3; nth += 1) {
        const { message, done } = await conversations.next();
        expect(await door.send(message)).toEqual(ACKNOWLEDGED);
        sent.push(message);
        done('acknowledged');
      }
      expect(connections).toBe(1);
      const last = await simpleParser(mails[2] ?? '');
      expect(last.messageId).toBe(`<${sent[2]?.id}>`);
      expect([last.inReplyTo, last.references]).toEqual([`<${sent[1]?.id}>`, [`<${sent[0]?.id}>`, `<${sent[1]?.id}>`]]);
      expect(last.text?.replaceAll('\r\n', '\n').trim()).toBe(sent[2]?.text);
      expect((mails[2] ?? '').length).toBeGreaterThan(4_096);
      expect(await full.send(sent[0] as DrivenMessage)).toEqual({ kind: 'refused', how: '452 4.2.2' });
      const many = Array.from({ length: 60 }, (_, n) => door.send({ ...MESSAGE, id: `many-${n}@customer.example` }));
      expect(await Promise.all(many)).toEqual(many.map(() => ACKNOWLEDGED));
      // One of them is of `full`; the other twenty waited for a free line.
      expect(connections).toBe(1 + 40);
    } finally {
      await Promise.all([door.close(), full.close()]);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    expect(await door.send({ ...MESSAGE })).toEqual({ kind: 'refused', how: 'no connection' });
  });
});

const MESSAGE: DrivenMessage = {
  id: 'x@customer.example',
  conversation: 'c',
  party: 0,
  n: 1,
  first: undefined,
  previous: undefined,
  text: '#x@customer.example#',
};
