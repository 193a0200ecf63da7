import { codeOf, createSystemClock } from '@fanin/kernel';
import { createCapture } from './capture.js';
import { Config, ImapConfig } from './config.js';
import { rawMail, Reader, type ReaderOptions } from './testing/reader.js';
import { startScriptedImap, type ScriptedImap, type ScriptedMail } from './testing/scripted-imap.js';

const FAST = { absent: [20, 20, 20], failed: [20, 20, 20] };
const TIMINGS = { commandMs: 2_000, messageMs: 1_500 };

let server: ScriptedImap;
const readers: Reader[] = [];

function config(changes: Omit<Partial<Config>, 'imap'> = {}): Config {
  const place = {
    host: '127.0.0.1',
    port: server.port,
    encryption: 'none' as const,
    user: 'support',
    password: server.password,
  };
  return Object.assign(new Config(), {
    addresses: ['support@shop.example'],
    ...changes,
    imap: Object.assign(new ImapConfig(), place),
  });
}

function put(...mails: (Partial<ScriptedMail> & { readonly uid: number })[]): void {
  for (const mail of mails) server.mails.push({ raw: rawMail(`mail ${mail.uid}`), ...mail });
  server.mails.sort((one, other) => one.uid - other.uid);
  server.uidNext = Math.max(server.uidNext, ...mails.map(({ uid }) => uid + 1));
}

function read(options: ReaderOptions = {}, changes: Omit<Partial<Config>, 'imap'> = {}): Reader {
  const made = new Reader(config({ poll_seconds: 1, ...changes }), { retryDelays: FAST, timings: TIMINGS, ...options });
  readers.push(made);
  return made;
}

const uids = (reader: Reader): string[] => reader.kept.map(({ meta }) => meta['uid'] ?? '');

beforeEach(async () => {
  server = await startScriptedImap();
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()));
  await server.close();
});

describe('one bad mail', () => {
  it.each(['refused', 'kills_connection', 'never_comes'] as const)('whose body is %s stops nobody', async (body) => {
    put({ uid: 1 }, { uid: 2, body, raw: rawMail('the bad one', 'lost words') }, { uid: 3 });
    const reader = read().start();
    await reader.until(() => reader.kept.length === 3);
    put({ uid: 4 });
    await reader.until(() => reader.kept.length === 4);
    expect(uids(reader).sort()).toEqual(['1', '2', '3', '4']);
    const substitute = reader.kept.find(({ meta }) => meta['uid'] === '2');
    expect(substitute?.meta['captured']).toBe('unfetchable');
    const text = substitute?.body.toString() ?? '';
    expect(text).toContain('Message-ID: <the-bad-one@customer.example>\r\n');
    expect(text).not.toContain('lost words');
    expect(reader.notices.map(({ code }) => code)).toEqual(['TRANSIENT', 'BAD_PAYLOAD']);
  });

  it('of which not even the head comes still becomes a message', async () => {
    put({ uid: 1 }, { uid: 2, body: 'refused', head: 'refused' });
    const reader = read().start();
    await reader.until(() => reader.kept.length === 2);
    expect(reader.kept[1]?.body.toString()).toMatch(/^Subject: A mail that the mailbox does not hand over\r\n/);
    expect(reader.kept[1]?.body.toString()).toContain('Its number there is 2.');
  });

  it('that is handed over later comes whole', async () => {
    put({ uid: 1, body: 'refused' }, { uid: 2 });
    const reader = read({ retryDelays: { ...FAST, failed: [60_000] } });
    await reader.drain();
    expect(uids(reader)).toEqual(['2']);
    server.mails = [{ uid: 1, raw: rawMail('mail 1') }];
    const cursor = reader.cursor?.replace(/"retry_at":\d+/, '"retry_at":0') ?? null;
    const later = read({ cursor });
    await later.drain();
    expect(later.kept.map(({ meta, body }) => [meta['captured'], body.toString()])).toEqual([
      [undefined, rawMail('mail 1')],
    ]);
  });

  it('that is too large is taken by its head, and its body is never asked for', async () => {
    put({ uid: 1, raw: rawMail('huge', 'x'.repeat(3_000)) }, { uid: 2 });
    const reader = read({ maxMailBytes: 1_000 });
    await reader.drain();
    const [huge, small] = reader.kept;
    expect(huge?.meta['captured']).toBe('too_large');
    expect(huge?.body.toString()).toContain('is too large to be taken over');
    expect(small?.meta['captured']).toBeUndefined();
    expect(server.asked.filter((line) => line.includes('BODY.PEEK[]') && /FETCH 1[ ,]/.test(line))).toEqual([]);
  });
});

it('reads nothing more while the server refuses everything, and everything whole when it is well again', async () => {
  const all = Array.from({ length: 120 }, (_, at) => at + 1);
  put(...all.map((uid) => ({ uid, body: 'refused' as const })));
  const reader = read({ retryDelays: { ...FAST, failed: [300, 300, 60_000] } }, { batch_size: 30 }).start();
  await reader.until(() => reader.notices.length > 0);
  server.mails = server.mails.map(({ uid, raw }) => ({ uid, raw }));
  await reader.until(() => reader.kept.length === all.length);
  expect(uids(reader).sort((one, other) => Number(one) - Number(other))).toEqual(all.map(String));
  expect(reader.kept.filter(({ meta }) => meta['captured'] !== undefined)).toEqual([]);
});

it('makes no message of an empty mail, as Dovecot lists and hands over one that was expunged meanwhile', async () => {
  put({ uid: 1 }, { uid: 2, raw: '' }, { uid: 3 });
  const reader = read().start();
  await reader.until(() => reader.kept.length === 2 && reader.notices.length > 0);
  expect(uids(reader)).toEqual(['1', '3']);
  expect(reader.notices.map(({ code }) => code)).toEqual(['GAP']);
});

it('waits for a mail that a lagging copy of the mailbox counts and does not list yet', async () => {
  put({ uid: 1 }, { uid: 3 });
  const reader = read({ cursor: null }, { backfill_days: 0 });
  await reader.drain();
  server.uidNext = 7;
  put({ uid: 6 });
  await reader.drain();
  expect(uids(reader)).toEqual(['6']);
  put({ uid: 4 }, { uid: 5 });
  reader.start();
  await reader.until(() => reader.kept.length === 3);
  expect(uids(reader)).toEqual(['6', '4', '5']);
  expect(reader.notices).toEqual([]);
});

it('reads again when UIDNEXT goes back for good, and not when it only lags', async () => {
  put({ uid: 1 }, { uid: 2 }, { uid: 3 });
  const reader = read();
  await reader.drain();
  server.mails = [{ uid: 1, raw: rawMail('restored') }];
  server.uidNext = 2;
  await reader.pollOnce();
  await reader.pollOnce();
  expect(reader.notices).toEqual([]);
  await reader.drain();
  expect(reader.notices.map(({ code }) => code)).toEqual(['MAILBOX_RESET']);
  put({ uid: 2, raw: rawMail('new after the restore') });
  await reader.drain();
  expect(reader.subjects.slice(3)).toEqual(['restored', 'new after the restore']);
});

it('passes over millions of numbers without mail in a few questions', async () => {
  put({ uid: 1 }, { uid: 5_000_000 });
  const reader = read();
  await reader.drain();
  expect(uids(reader)).toEqual(['1', '5000000']);
  const questions = server.asked.filter((line) => line.includes('UID FETCH')).length;
  process.stdout.write(`5,000,000 UIDs, 2 mails: ${questions} FETCH commands\n`);
  expect(questions).toBeLessThan(150);
});

it('survives a folder that is empty', async () => {
  const reader = read();
  await reader.drain();
  put({ uid: 1 });
  await reader.drain();
  expect(uids(reader)).toEqual(['1']);
});

it('calls a cursor that is none lost', async () => {
  const capture = createCapture(config(), createSystemClock());
  for (const cursor of ['', 'nonsense', '{}', '{"v":2}']) {
    const code = await capture.poll(cursor, new AbortController().signal).then(() => 'fine', codeOf);
    expect(code).toBe('CURSOR_LOST');
  }
  await capture.close();
});
