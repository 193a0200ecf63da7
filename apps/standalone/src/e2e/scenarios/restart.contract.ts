import { randomUUID } from 'node:crypto';
import { ChatClient } from '@fanin/test-kit';
import {
  capturedOf,
  CHAT,
  fateOf,
  handIn,
  IMAP_ADDRESS,
  IMAP_USER,
  MAIL,
  mailOf,
  until,
  type Part,
  type SystemUnderTest,
  type TicketView,
} from '@fanin/trials';
import { ticketOfChat } from './chat.contract.js';

const MAILS = 50;
const KILL_AFTER = 15;

/** A mail server: what is not acknowledged is sent again, the same bytes, until it is. */
async function sendUntilTaken(port: number, raw: Buffer): Promise<void> {
  await until(
    'the mail is taken',
    () =>
      handIn(port, raw, { to: MAIL.a }).then(
        (code) => code === 250,
        () => false,
      ),
    60_000,
  );
}

/** What is acknowledged survives the death of any process, and is there once. `parts`: which are killed amid mail. */
export function describeRestart(system: () => SystemUnderTest, parts: readonly Part[]): void {
  async function killAmidMail(part: Part): Promise<void> {
    const { api, smtpPort } = system();
    const mark = randomUUID().slice(0, 8);
    const subjects = Array.from({ length: MAILS }, (_, n) => `kill ${part} ${mark} ${n}`);
    const mails = subjects.map((subject, n) => mailOf({ to: MAIL.a, subject, text: `mail ${n}` }));
    let taken = 0;
    const senders = [0, 1].map(async (lane) => {
      for (const [n, mail] of mails.entries()) {
        if (n % 2 !== lane) continue;
        await sendUntilTaken(smtpPort, mail);
        taken += 1;
      }
    });
    await until(`${KILL_AFTER} mails are taken`, () => taken >= KILL_AFTER, 30_000);
    await system().kill(part);
    expect(taken).toBeLessThan(MAILS);
    await system().revive(part);
    await Promise.all(senders);
    const tickets = await until(
      'every mail is a ticket',
      async () => {
        const found = (await api.a.all<TicketView>('/tickets?limit=200')).filter(({ subject }) =>
          subject?.includes(mark),
        );
        return found.length >= MAILS ? found : undefined;
      },
      60_000,
    );
    expect(tickets.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
    for (const ticket of tickets) expect(await api.a.messages(ticket.id)).toHaveLength(1);
    const deliveries = await until('each has its fate', async () => {
      const rows = await capturedOf(api.a, ...mails);
      return rows.length >= MAILS && rows.every(({ parts }) => parts.length > 0) ? rows : undefined;
    });
    // A mail that was kept but not acknowledged came again: it is a duplicate, and says so.
    const accepted = deliveries.filter((each) => fateOf(each) === 'accepted');
    expect(new Set(accepted.map(({ sha256 }) => sha256)).size).toBe(MAILS);
    expect(deliveries.map(fateOf).filter((fate) => fate !== 'duplicate')).toEqual(mails.map(() => 'accepted'));
  }

  describe('kill -9', () => {
    it.each(parts)(
      'of the %s, amid 50 mails: every acknowledged one is a message exactly once',
      (part) => killAmidMail(part),
      150_000,
    );

    it('of what reads the mailbox: mails that came before, while and after it was dead are there once', async () => {
      const { api, dovecot } = system();
      if (dovecot === undefined) return void process.stderr.write('skipped: no Dovecot on this machine\n');
      const mark = randomUUID().slice(0, 8);
      const subjects: string[] = [];
      const deliver = async (when: string): Promise<void> => {
        for (let n = 0; n < 10; n += 1) {
          const subject = `mailbox ${mark} ${when} ${n}`;
          subjects.push(subject);
          await dovecot.deliver(IMAP_USER, mailOf({ to: IMAP_ADDRESS, subject }));
        }
      };
      await deliver('before');
      await api.a.ticketWith(subjects[0] ?? '', 30_000);
      await system().kill('email-connector');
      await deliver('while');
      await system().revive('email-connector');
      await deliver('after');
      const tickets = await until(
        'all mails of the mailbox are tickets',
        async () => {
          const found = (await api.a.all<TicketView>('/tickets?limit=200')).filter(({ subject }) =>
            subject?.includes(mark),
          );
          return found.length >= subjects.length ? found : undefined;
        },
        60_000,
      );
      expect(tickets.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
      for (const ticket of tickets) expect(await api.a.messages(ticket.id)).toHaveLength(1);
    }, 150_000);

    it('of the chat: the conversation goes on without gap or repetition', async () => {
      const { url, api } = system();
      const client = new ChatClient({ url, accountId: CHAT.a });
      try {
        await client.ready();
        const words = `before the kill ${randomUUID()}`;
        await client.send(words);
        const ticket = await ticketOfChat(system(), words);
        await system().kill('chat-connector');
        const waiting = client.send('written while it was dead');
        await system().revive('chat-connector');
        await waiting;
        await api.a.reply(ticket.id, { text: 'answered after the kill' });
        await client.event(({ text }) => text === 'answered after the kill', 30_000);
        await api.a.message(ticket.id, ({ text }) => text === 'written while it was dead', 30_000);
        expect(client.events.map(({ text }) => text)).toEqual([
          words,
          'written while it was dead',
          'answered after the kill',
        ]);
        expect([client.gaps, client.duplicates]).toEqual([0, 0]);
        expect(client.connections).toBeGreaterThan(1);
      } finally {
        await client.close();
      }
    }, 120_000);
  });
}

/** The last of all: it ends the system. */
export function describeEnd(system: () => SystemUnderTest): void {
  describe('SIGTERM', () => {
    it('ends everything with 0 within ten seconds, also while someone listens', async () => {
      const { api, url } = system();
      const listening = new AbortController();
      const client = new ChatClient({ url, accountId: CHAT.a });
      try {
        await client.ready();
        expect((await api.a.stream('/events', listening.signal)).status).toBe(200);
        const { codes, tookMs } = await system().end();
        expect(codes.every((code) => code === 0)).toBe(true);
        expect(codes.length).toBeGreaterThan(0);
        expect(tookMs).toBeLessThan(10_000);
      } finally {
        listening.abort();
        await client.close();
      }
    }, 60_000);
  });
}
