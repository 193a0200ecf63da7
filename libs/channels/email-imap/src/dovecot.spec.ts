import { chmod } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { codeOf } from '@fanin/kernel';
import { describeWithDovecot, startTcpProxy, type TestDovecot } from '@fanin/test-kit';
import { checkMailbox } from './check.js';
import { Config, ImapConfig } from './config.js';
import { rawMail, Reader, type ReaderOptions } from './testing/reader.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const FAST = { absent: [50, 100, 200], failed: [50, 100, 200] };

function configOf(
  server: TestDovecot,
  user: string,
  changes: Omit<Partial<Config>, 'imap'> & { imap?: Partial<ImapConfig> } = {},
): Config {
  const { imap, ...rest } = changes;
  const place = { host: server.host, port: server.port, encryption: 'none' as const, user, password: server.password };
  return Object.assign(new Config(), {
    addresses: [`${user}@shop.example`],
    ...rest,
    imap: Object.assign(new ImapConfig(), place, imap),
  });
}

const names = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `${prefix} ${from + at}`);

/** A line to the server that tells when it has carried so many bytes from it, for faults in the middle of a mail. */
async function startMeteredLine(target: number): Promise<MeteredLine> {
  let count = 0;
  let reached: { readonly bytes: number; readonly tell: () => void } | undefined;
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    far.on('data', (data) => {
      count += data.length;
      if (reached !== undefined && count >= reached.bytes) reached.tell();
    });
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  return {
    port: (line.address() as { port: number }).port,
    carried: (bytes) => {
      count = 0;
      return new Promise<void>((tell) => (reached = { bytes, tell }));
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => line.close(() => resolve()));
    },
  };
}

interface MeteredLine {
  readonly port: number;
  /** Resolves when the server has sent so many bytes from now on. */
  carried(bytes: number): Promise<void>;
  close(): Promise<void>;
}

describeWithDovecot('a mailbox on a real Dovecot', (dovecot) => {
  const readers: Reader[] = [];
  let users = 0;
  const newUser = (): string => `user${(users += 1)}`;
  const reader = (config: Config, options: ReaderOptions = {}): Reader => {
    const made = new Reader(config, { retryDelays: FAST, ...options });
    readers.push(made);
    return made;
  };
  const fill = async (user: string, subjects: readonly string[], date?: Date): Promise<void> => {
    for (const subject of subjects) await dovecot().deliver(user, rawMail(subject), date === undefined ? {} : { date });
  };
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((each) => each.stop()));
  });

  it('hears of new mail by IDLE, long before the next poll', async () => {
    const user = newUser();
    await fill(user, ['first']);
    const live = reader(configOf(dovecot(), user)).start();
    await live.until(() => live.kept.length === 1);
    for (const subject of names('announced', 1, 3)) {
      const began = performance.now();
      const count = live.kept.length;
      await fill(user, [subject]);
      await live.until(() => live.kept.length > count, 5_000);
      process.stdout.write(`IDLE: ${subject} captured after ${Math.round(performance.now() - began)} ms\n`);
    }
    expect(live.subjects).toEqual(['first', ...names('announced', 1, 3)]);
    expect(live.errors).toEqual([]);
  });

  it('reads on where it stopped, read mails included, and changes no flag', async () => {
    const user = newUser();
    await fill(user, names('before', 1, 3));
    const first = reader(configOf(dovecot(), user));
    await first.drain();
    await first.stop();
    await fill(user, names('meanwhile', 4, 6));
    await dovecot().setSeen(user, '5');
    const second = reader(configOf(dovecot(), user), { cursor: first.cursor });
    await second.drain();
    expect(first.subjects).toEqual(names('before', 1, 3));
    expect(second.subjects).toEqual(names('meanwhile', 4, 6));
    const seen = [...(await dovecot().flags(user))].filter(([, flags]) => flags.includes('\\Seen')).map(([uid]) => uid);
    expect(seen).toEqual([5]);
  });

  it('takes nothing old with backfill_days 0, and what comes from then on', async () => {
    const user = newUser();
    await fill(user, names('old', 1, 3));
    const reading = reader(configOf(dovecot(), user, { backfill_days: 0 }));
    await reading.drain();
    await fill(user, ['new 1']);
    await reading.drain();
    expect(reading.subjects).toEqual(['new 1']);
  });

  it('backfills oldest first with the dates of arrival, behind new mail', async () => {
    const user = newUser();
    // IMAP tells a date of arrival in whole seconds (RFC 9051 §2.3.3).
    const thisSecond = Math.floor(Date.now() / 1000) * 1000;
    const daysAgo = (days: number): Date => new Date(thisSecond - days * DAY_MS);
    await fill(user, ['too old'], daysAgo(40));
    for (const days of [20, 10, 5]) await fill(user, [`${days} days old`], daysAgo(days));
    const reading = reader(configOf(dovecot(), user, { backfill_days: 30, batch_size: 1 }));
    await reading.pollOnce();
    await fill(user, ['fresh']);
    // Dovecot counts it once somebody looks.
    await dovecot().flags(user);
    await reading.drain();
    expect(reading.subjects).toEqual(['20 days old', 'fresh', '10 days old', '5 days old']);
    expect(reading.wasBackfilling).toBe(true);
    const [oldest, fresh] = reading.kept;
    expect(oldest?.meta).toMatchObject({ internal_date: daysAgo(20).toISOString(), backfill: 'true', folder: 'INBOX' });
    expect(fresh?.meta['backfill']).toBeUndefined();
  });

  it('loses nothing and brings nothing twice when the server is killed five times while it reads', async () => {
    const user = newUser();
    const all = names('survivor', 1, 300);
    for (const subject of all) await dovecot().deliver(user, rawMail(subject, 'x'.repeat(50_000)));
    const line = await startMeteredLine(dovecot().port);
    const reading = reader(configOf(dovecot(), user, { batch_size: 500, imap: { port: line.port } }));
    const cuts: number[] = [];
    for (let kills = 1; kills <= 5; kills += 1) {
      const polling = reading.pollOnce().catch((error: unknown) => codeOf(error));
      await Promise.race([line.carried(1_500_000 + 200_000 * kills), polling]);
      await dovecot().kill();
      expect(['TRANSIENT', true]).toContain(await polling);
      cuts.push(reading.kept.length);
      await dovecot().start();
    }
    await reading.drain();
    process.stdout.write(
      `killed 5 times, after ${cuts.join(', ')} of ${all.length} mails; kept ${reading.kept.length}\n`,
    );
    expect(new Set(cuts).size).toBe(5);
    expect(cuts.at(-1)).toBeLessThan(all.length);
    await reading.stop();
    await line.close();
    expect([...reading.subjects].sort()).toEqual([...all].sort());
    expect(reading.notices.filter(({ code }) => code === 'GAP')).toEqual([]);
  });

  it('reads again, and says so, when UIDVALIDITY changes', async () => {
    const user = newUser();
    await fill(user, names('kept', 1, 3));
    const reading = reader(configOf(dovecot(), user));
    await reading.drain();
    await dovecot().resetUidValidity(user);
    await fill(user, ['after the reset']);
    // The open session ends with the old numbers.
    await reading.drain().catch(() => reading.drain());
    expect(reading.notices.map(({ code }) => code)).toEqual(['MAILBOX_RESET']);
    expect(reading.subjects.slice(3).sort()).toEqual(['after the reset', ...names('kept', 1, 3)].sort());
    const bytes = reading.kept.map(({ body }) => body.toString('base64'));
    expect(new Set(bytes).size).toBe(4);
    await fill(user, ['much later']);
    await reading.drain();
    expect(reading.subjects.slice(7)).toEqual(['much later']);
  });

  it('tells of mails that came and went unread', async () => {
    const user = newUser();
    await fill(user, ['one']);
    const reading = reader(configOf(dovecot(), user));
    await reading.drain();
    await reading.stop();
    await fill(user, names('later', 2, 5));
    await dovecot().expunge(user, '3:4');
    const later = reader(configOf(dovecot(), user), { cursor: reading.cursor }).start();
    await later.until(() => later.notices.length > 0);
    expect(later.subjects).toEqual(['later 2', 'later 5']);
    expect(later.notices).toEqual([
      { code: 'GAP', message: expect.stringContaining('2 mails came into INBOX') as string },
    ]);
    expect(later.notices[0]?.message).toContain('UID 3-4');
  });

  it('goes on when mails are expunged while it reads', async () => {
    const user = newUser();
    await fill(user, names('fleeting', 1, 60));
    const reading = reader(configOf(dovecot(), user, { batch_size: 5 })).start();
    await reading.until(() => reading.kept.length >= 5);
    await dovecot().expunge(user, '20:39');
    await fill(user, ['last']);
    await reading.until(() => reading.subjects.includes('last'));
    await reading.until(() => /"backfill":null,"pending":\[\]/.test(reading.cursor ?? ''));
    for (const subject of [...names('fleeting', 1, 19), ...names('fleeting', 40, 60)])
      expect(reading.subjects).toContain(subject);
    expect(reading.subjects).not.toContain('');
    expect(new Set(reading.subjects).size).toBe(reading.subjects.length);
  });

  it('lets a mail that the server cannot read pass by, and says where it is', async () => {
    const user = newUser();
    await fill(user, names('good', 1, 3));
    const [, second = ''] = await dovecot().files(user);
    await chmod(second, 0o000);
    const reading = reader(configOf(dovecot(), user)).start();
    await reading.until(() => reading.kept.length === 3);
    await fill(user, ['good 4']);
    await reading.until(() => reading.kept.length === 4);
    const whole = reading.kept.filter(({ meta }) => meta['captured'] === undefined);
    expect(whole.map(({ meta }) => meta['uid'])).toEqual(['1', '3', '4']);
    const substitute = reading.kept.find(({ meta }) => meta['uid'] === '2');
    expect(substitute?.meta['captured']).toBe('unfetchable');
    expect(substitute?.body.toString()).toContain('could not be read from the mailbox');
  });

  it('keeps two mailboxes apart', async () => {
    const [ada, ben] = [newUser(), newUser()];
    const forAda = reader(configOf(dovecot(), ada)).start();
    const forBen = reader(configOf(dovecot(), ben)).start();
    await Promise.all([fill(ada, names('to Ada', 1, 5)), fill(ben, names('to Ben', 1, 5))]);
    await Promise.all([forAda.until(() => forAda.kept.length === 5), forBen.until(() => forBen.kept.length === 5)]);
    expect(forAda.subjects).toEqual(names('to Ada', 1, 5));
    expect(forBen.subjects).toEqual(names('to Ben', 1, 5));
  });

  it('finds a half-open connection within its deadlines and reads on', async () => {
    const user = newUser();
    const proxy = await startTcpProxy({ host: dovecot().host, port: dovecot().port });
    try {
      const config = configOf(dovecot(), user, { poll_seconds: 1, imap: { port: proxy.port } });
      const timings = { connectMs: 1_000, greetingMs: 1_000, commandMs: 1_000, messageMs: 1_000 };
      const live = reader(config, { timings }).start();
      await fill(user, ['before']);
      await live.until(() => live.kept.length === 1);
      proxy.freeze();
      const began = performance.now();
      await live.until(() => live.errors.length > 0, 5_000);
      process.stdout.write(
        `half-open connection found after ${Math.round(performance.now() - began)} ms (poll 1 s + deadline 1 s)\n`,
      );
      await fill(user, ['while frozen']);
      proxy.mend();
      await live.until(() => live.subjects.includes('while frozen'));
      expect(live.subjects).toEqual(['before', 'while frozen']);
    } finally {
      await proxy.close();
    }
  });

  it('stops within 2 s, idling or with a dead line', async () => {
    const user = newUser();
    const proxy = await startTcpProxy({ host: dovecot().host, port: dovecot().port });
    try {
      const live = reader(configOf(dovecot(), user, { poll_seconds: 1, imap: { port: proxy.port } })).start();
      await fill(user, ['one']);
      await live.until(() => live.kept.length === 1);
      proxy.freeze();
      const dead = reader(configOf(dovecot(), user, { imap: { port: proxy.port } })).start();
      // What a starved machine adds is less than any time limit behind it (10 s and more).
      expect(await live.stop()).toBeLessThan(5_000);
      expect(await dead.stop()).toBeLessThan(5_000);
    } finally {
      await proxy.close();
    }
  });

  it('names what is wrong with the account', async () => {
    const user = newUser();
    const server = dovecot();
    const codeFor = async (imap: Partial<ImapConfig>, folder = 'INBOX'): Promise<string> =>
      checkMailbox(configOf(server, user, { folder, imap }), new AbortController().signal).then(() => 'fine', codeOf);
    const tls = { encryption: 'tls' as const, port: server.tlsPort };
    expect(await codeFor({})).toBe('fine');
    expect(await codeFor({ password: 'the wrong password' })).toBe('AUTH');
    expect(await codeFor({}, 'Archive/No such folder')).toBe('CONFIG');
    expect(await codeFor({ ...tls, ca_certificate: server.certificate })).toBe('fine');
    expect(await codeFor({ encryption: 'starttls', ca_certificate: server.certificate })).toBe('fine');
    expect(await codeFor(tls)).toBe('CONFIG');
    expect(await codeFor({ encryption: 'tls' })).toBe('CONFIG');
    expect(await codeFor({ port: 1 })).toBe('TRANSIENT');
  });

  it('reads a thousand mails on its first sync', async () => {
    const user = newUser();
    const all = names('sync', 1, 1000);
    for (const subject of all) await dovecot().deliver(user, rawMail(subject, 'A line of text.\r\n'.repeat(120)));
    const reading = reader(configOf(dovecot(), user));
    const began = performance.now();
    await reading.drain();
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(`first sync: 1000 mails in ${seconds.toFixed(2)} s, ${Math.round(1000 / seconds)} mails/s\n`);
    expect(reading.subjects).toEqual(all);
    expect(reading.wasBackfilling).toBe(true);
  });
});
