import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dovecotConfig, type DovecotOwner } from './dovecot-config.js';

const run = promisify(execFile);
const SERVER = '/usr/sbin/dovecot';
const START_MS = 15_000;
const MAIL_USER = 'nobody';

export interface TestDovecot {
  readonly host: '127.0.0.1';
  /** Plain text and STARTTLS. */
  readonly port: number;
  /** TLS from the start. */
  readonly tlsPort: number;
  /** PEM of the certificate, which signs itself. */
  readonly certificate: string;
  readonly password: string;
  /** Puts a mail into the INBOX of a user as a delivery agent does; INTERNALDATE is `date` (default now). */
  deliver(user: string, raw: string | Buffer, options?: { readonly date?: Date }): Promise<void>;
  /** Stops in order; the mailboxes stay. */
  stop(): Promise<void>;
  /** SIGKILL to the server and all its sessions. */
  kill(): Promise<void>;
  /** Starts again on the same ports. */
  start(): Promise<void>;
  /** Throws the UID list of the INBOX away: Dovecot numbers its mails anew, under another UIDVALIDITY. */
  resetUidValidity(user: string): Promise<void>;
  expunge(user: string, uids: string): Promise<void>;
  setSeen(user: string, uids: string): Promise<void>;
  /** Flags by UID. */
  flags(user: string): Promise<ReadonlyMap<number, readonly string[]>>;
  /** Paths of the mails, oldest first, for tests that damage one. */
  files(user: string): Promise<readonly string[]>;
  /** Removes everything. */
  close(): Promise<void>;
}

/** Why no Dovecot can be started here; undefined when it can. */
export function dovecotUnavailable(): string | undefined {
  if (!existsSync(SERVER)) return 'no /usr/sbin/dovecot: apt-get install dovecot-core dovecot-imapd';
  return existsSync('/usr/lib/dovecot/imap') ? undefined : 'no IMAP in this Dovecot: apt-get install dovecot-imapd';
}

/**
 * A `describe` against a real Dovecot, one for the block. Skipped with the reason printed when none is installed; with
 * CI=true that is a failure.
 */
export function describeWithDovecot(name: string, body: (dovecot: () => TestDovecot) => void): void {
  const reason = dovecotUnavailable();
  let started: TestDovecot | undefined;
  const dovecot = (): TestDovecot => {
    if (started === undefined) throw new Error(reason ?? 'use the Dovecot inside tests and hooks only');
    return started;
  };
  if (reason !== undefined && process.env['CI'] !== 'true') {
    process.stderr.write(`skipped, needs Dovecot: ${name} (${reason})\n`);
    describe.skip(name, () => body(dovecot));
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      if (reason !== undefined) throw new Error(`CI=true, but: ${reason}`);
      started = await startTestDovecot();
    }, 60_000);
    afterAll(() => started?.close(), 30_000);
    body(dovecot);
  });
}

/** A Dovecot of its own in a temporary folder, on loopback. Every user exists, with the same password. */
export async function startTestDovecot(): Promise<TestDovecot> {
  const dir = await mkdtemp(join(tmpdir(), 'fanin-dovecot-'));
  const owner = await mailOwner();
  const [port, tlsPort] = [await freePort(), await freePort()];
  const password = 'password-of-a-test-mailbox';
  await chmod(dir, 0o755);
  await mkdir(join(dir, 'mail'));
  await own(join(dir, 'mail'), owner);
  const certificate = await makeCertificate(dir);
  const config = join(dir, 'dovecot.conf');
  await writeFile(config, dovecotConfig({ dir, port, tlsPort, password, owner }));
  const mail = (user: string): string => join(dir, 'mail', user);
  const doveadm = async (...args: string[]): Promise<string> =>
    (await run('/usr/bin/doveadm', ['-c', config, ...args])).stdout;
  let server: ChildProcess | undefined;
  let sequence = 0;

  async function start(triesLeft = 10): Promise<void> {
    const child = spawn(SERVER, ['-F', '-c', config], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    server = child;
    try {
      await greeting(port, () => child.exitCode === null, START_MS);
    } catch (error) {
      // The helpers of a server that was killed a moment ago may hold its sockets a little longer.
      if (said.includes('already exists') && triesLeft > 0) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return start(triesLeft - 1);
      }
      const log = await readFile(join(dir, 'dovecot.log'), 'utf8').catch(() => '');
      throw new Error(`Dovecot did not start: ${String(error)}\n${said}${log.slice(-2000)}`);
    }
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = server;
    server = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // The server leads a process group of its own: its sessions end with it.
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
    await gone;
  }

  await start();
  return {
    host: '127.0.0.1',
    port,
    tlsPort,
    certificate,
    password,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async deliver(user, raw, { date = new Date() } = {}) {
      sequence += 1;
      await makeMaildir(mail(user), owner);
      // UIDs are given in the order of these names (Maildir: seconds, then whatever is unique).
      const name = `${Math.floor(Date.now() / 1000)}.M${String(sequence).padStart(8, '0')}P${process.pid}.test`;
      const temporary = join(mail(user), 'tmp', name);
      await writeFile(temporary, raw);
      await own(temporary, owner);
      await utimes(temporary, date, date);
      await rename(temporary, join(mail(user), 'new', name));
    },
    async resetUidValidity(user) {
      const list = join(mail(user), 'dovecot-uidlist');
      const known = Number(/^3 V(\d+)/.exec(await readFile(list, 'utf8'))?.[1]);
      await writeFile(`${list}.test`, `3 V${known + 1} N1 G${randomBytes(16).toString('hex')}\n`);
      await own(`${list}.test`, owner);
      for (const name of await readdir(mail(user)))
        if (name.startsWith('dovecot.index')) await rm(join(mail(user), name));
      await rename(`${list}.test`, list);
    },
    expunge: async (user, uids) => void (await doveadm('expunge', '-u', user, 'mailbox', 'INBOX', 'uid', uids)),
    setSeen: async (user, uids) =>
      void (await doveadm('flags', 'add', '-u', user, '\\Seen', 'mailbox', 'INBOX', 'uid', uids)),
    flags: async (user) =>
      flagsOf(await doveadm('-f', 'tab', 'fetch', '-u', user, 'uid flags', 'mailbox', 'INBOX', 'all')),
    async files(user) {
      const found: string[] = [];
      for (const folder of ['new', 'cur'])
        for (const name of await readdir(join(mail(user), folder))) found.push(join(mail(user), folder, name));
      return found.sort((a, b) => (a.split('/').at(-1) ?? '').localeCompare(b.split('/').at(-1) ?? ''));
    },
    async close() {
      await end('SIGKILL');
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Dovecot reads no mail as root: there the mailboxes belong to `nobody`. */
async function mailOwner(): Promise<DovecotOwner> {
  if (process.getuid?.() !== 0) {
    const { uid, gid, username } = userInfo();
    const { stdout } = await run('id', ['-gn']);
    return { uid, gid, user: username, group: stdout.trim(), isRoot: false };
  }
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (what) => (await run('id', [what, MAIL_USER])).stdout));
  const { stdout } = await run('id', ['-gn', MAIL_USER]);
  return { uid: Number(uid), gid: Number(gid), user: MAIL_USER, group: stdout.trim(), isRoot: true };
}

async function own(path: string, owner: DovecotOwner): Promise<void> {
  if (owner.isRoot) await chown(path, owner.uid, owner.gid);
}

async function makeMaildir(folder: string, owner: DovecotOwner): Promise<void> {
  if (existsSync(join(folder, 'new'))) return;
  for (const path of [folder, ...['cur', 'tmp', 'new'].map((name) => join(folder, name))]) {
    await mkdir(path, { recursive: true });
    await own(path, owner);
  }
}

async function makeCertificate(dir: string): Promise<string> {
  const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', ...options, ...names, '-keyout', key, '-out', certificate]);
  return readFile(certificate, 'utf8');
}

function flagsOf(table: string): ReadonlyMap<number, readonly string[]> {
  const rows = table.trim().split('\n').slice(1);
  return new Map(
    rows.map((row) => {
      const [uid = '', flags = ''] = row.split('\t');
      return [Number(uid), flags.split(' ').filter((flag) => flag !== '')];
    }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Waits until the server greets. */
async function greeting(port: number, isAlive: () => boolean, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    if (!isAlive()) throw new Error('it exited');
    const greeted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.setTimeout(1000, () => socket.destroy());
      socket.once('data', (data) => {
        resolve(data.toString().startsWith('* OK'));
        socket.destroy();
      });
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
    if (greeted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no greeting within ${withinMs} ms`);
}
