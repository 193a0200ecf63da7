import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { notArrived } from '../../oracle/arrived.js';
import { IMAP_USER } from '../../system/system.js';
import { until } from '../../system/until.js';
import type { FaultCase, FaultRun } from '../case.js';

const relay: FaultCase = {
  name: 'relay',
  what: 'the outgoing mail server takes a mail and hangs up, or says nothing and keeps the line; is slow; refuses all lines; comes back',
  forms: ['cluster', 'standalone'],
  streams: ['smtp', 'replies-email'],
  seconds: 12,
  async breakThings(run) {
    const { relay: server } = run.system;
    const stop = performance.now() + run.seconds * 1000;
    const before = [server.unanswered, server.turnedAway] as const;
    const moods = run.random.shuffled(['hang_up', 'silent', 'slow'] as const);
    try {
      for (let round = 0; round < moods.length || performance.now() < stop; round += 1) {
        const mood = moods[round % moods.length] ?? 'hang_up';
        server.mood = mood;
        await sleep(run.random.between(1_500, 3_000));
        // Slow answers are let come. A line that is silent stays so, now and then: who sent by it gives it up by himself.
        if (mood === 'hang_up' || (mood === 'silent' && run.random.next() < 0.7)) server.goAway();
        await sleep(run.random.between(1_000, 3_000));
        server.mood = 'take';
        await sleep(run.random.between(500, 1_500));
      }
    } finally {
      server.mood = 'take';
    }
    const [swallowed, turnedAway] = [server.unanswered - before[0], server.turnedAway - before[1]];
    if (swallowed === 0) run.fault('no mail was taken without a word');
    run.note(`${swallowed} swallowed, ${turnedAway} turned away`);
  },
};

const mailbox: FaultCase = {
  name: 'mailbox',
  what: 'Dovecot killed -9, its line frozen, cut and half-open, UIDVALIDITY changed, the mailbox emptied',
  forms: ['cluster', 'standalone'],
  streams: ['imap', 'smtp'],
  // A mailbox that is numbered anew promises no order.
  unordered: ['imap'],
  seconds: 15,
  async breakThings(run) {
    const { dovecot } = run.system;
    if (dovecot === undefined)
      return run.fault('needs a Dovecot (Debian: dovecot-imapd), there is none on this machine');
    const stop = performance.now() + run.seconds * 1000;
    const isRead = async (): Promise<boolean> =>
      (await notArrived(run.system, run.recorder.acknowledgedAt('imap'))).length === 0;
    let rounds = 0;
    do {
      rounds += 1;
      await dovecot.kill();
      await sleep(run.random.between(200, 1_500));
      await dovecot.start();
      await sleep(1_000);
      run.imapLine?.freeze();
      await sleep(run.random.between(1_000, 3_000));
      run.imapLine?.cut();
      await sleep(500);
      run.imapLine?.mend();
      await dovecot.resetUidValidity(IMAP_USER);
      await sleep(run.random.between(1_000, 2_000));
    } while (performance.now() < stop);
    const allIsRead = async (): Promise<void> => {
      await run.traffic.pause('imap');
      await until('the mailbox is read', isRead, 90_000);
    };
    // The server is gone without a word, and nobody but who reads finds out: whoever has read it all waits there.
    await allIsRead();
    const strandedMs = performance.now();
    if (run.imapLine?.strand() === 0) run.fault('nobody waited at the mailbox');
    run.traffic.resume('imap');
    await sleep(2_000);
    // Whoever empties a mailbox before it was read has taken the mails away, not we.
    await allIsRead();
    const noticedSeconds = (performance.now() - strandedMs) / 1000;
    await dovecot.expunge(IMAP_USER, '1:*');
    run.traffic.resume('imap');
    run.note(`${rounds} rounds; behind a line that was half-open all is read after ${noticedSeconds.toFixed(0)} s`);
  },
};

/** Not the address of those who write meanwhile: the SMTP door takes so many lines of one address. */
const ELSEWHERE = '127.0.0.2';

const HALF_MAILS = [
  'EHLO slow.example\r\n',
  'EHLO slow.example\r\nMAIL FROM:<slow@customer.example>\r\n',
  'EHLO slow.example\r\nMAIL FROM:<slow@customer.example>\r\nRCPT TO:<support@a.test>\r\nDATA\r\nSubject: half\r\n\r\nnever ends',
];

const HALF_WEBHOOK =
  'POST /hooks/a-phone HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nBody=';

/** Doors hang up on who is silent for a minute. */
const HELD_SECONDS = 45;

/** A hundred peers that hold their lines for a while; answers how many still did in the end. */
async function holdLines({ system: { smtpPort, url }, random }: FaultRun, seconds: number): Promise<number> {
  const sockets: Socket[] = [];
  const open = (port: number, text: string, when: 'connect' | 'data'): void => {
    const socket = connect({ host: '127.0.0.1', port, localAddress: ELSEWHERE });
    // An SMTP server hangs up on who talks before it has greeted him.
    socket.once(when, () => socket.write(text));
    socket.on('error', () => undefined);
    sockets.push(socket);
  };
  for (let n = 0; n < 50; n += 1) open(smtpPort, random.pick(HALF_MAILS), 'data');
  for (let n = 0; n < 50; n += 1) open(Number(new URL(url).port), HALF_WEBHOOK, 'connect');
  await sleep(seconds * 1000);
  const held = sockets.filter(({ closed }) => !closed).length;
  for (const socket of sockets) socket.destroy();
  return held;
}

const peers: FaultCase = {
  name: 'slow-peers',
  what: 'a hundred SMTP and HTTP peers that send half a message and fall silent',
  forms: ['cluster', 'standalone'],
  streams: ['smtp', 'twilio', 'chat'],
  seconds: 10,
  async breakThings(run) {
    const before = run.recorder.acknowledgedCount;
    let least = Infinity;
    for (let left = run.seconds; left > 0; left -= HELD_SECONDS)
      least = Math.min(least, await holdLines(run, Math.min(left, HELD_SECONDS)));
    const meanwhile = run.recorder.acknowledgedCount - before;
    if (least < 100) run.fault(`only ${least} of the silent peers still held their lines`);
    if (meanwhile === 0) run.fault('nobody else was served');
    run.note(`${meanwhile} messages acknowledged while ${least} held their lines`);
  },
};

export const MAIL_CASES: readonly FaultCase[] = [relay, mailbox, peers];
