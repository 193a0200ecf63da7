import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder, type TestFolder } from '@fanin/test-kit';
import { createTransport } from 'nodemailer';

const root = join(import.meta.dirname, '..', '..', '..');

/** The built program as a person starts it. */
class Program {
  output = '';
  private readonly child: ChildProcess;
  readonly exited: Promise<number | null>;

  constructor(...argv: string[]) {
    this.child = spawn(process.execPath, [join(root, 'dist', 'apps', 'standalone', 'src', 'main.js'), ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
  }

  async ready(): Promise<string> {
    const found = (): string | undefined => /^Fanin is ready: (\S+)$/m.exec(this.output)?.[1];
    await until(() => found() !== undefined || this.child.exitCode !== null, 60_000);
    const url = found();
    if (url === undefined) throw new Error(`it did not start:\n${this.output}`);
    return url;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('standalone', () => {
  let folder: TestFolder;
  let data: string;
  let smtpPort: number;
  let program: Program;
  let url: string;

  const start = (): Program =>
    new Program('--data', data, '--http-port', '0', '--smtp-port', String(smtpPort), '--no-demo');
  const key = (): string => readFileSync(join(data, 'api-key'), 'utf8').trim();
  const subjects = async (): Promise<string[]> => {
    const answer = await fetch(`${url}/api/v1/tickets`, { headers: { authorization: `Bearer ${key()}` } });
    return ((await answer.json()) as { data: { subject: string }[] }).data.map(({ subject }) => subject);
  };
  const send = (subject: string): Promise<unknown> =>
    createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true }).sendMail({
      from: 'ada@customer.example',
      to: 'support@localhost',
      subject,
      text: 'Hello',
    });

  beforeAll(async () => {
    folder = await temporaryFolder('fanin-standalone-');
    data = join(folder.path, 'data');
    smtpPort = await freePort();
    program = start();
    url = await program.ready();
  }, 90_000);
  afterAll(async () => {
    program.kill('SIGTERM');
    await program.exited;
    await folder.remove();
  }, 30_000);

  it('writes a key that only its owner may read, and prints where to look', async () => {
    expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
    const dashboard = /Dashboard +(\S+)/.exec(program.output)?.[1] ?? '';
    const entered = await fetch(dashboard, { redirect: 'manual' });
    expect([entered.status, entered.headers.get('location')]).toEqual([302, '/']);
    const page = await fetch(`${url}/`, {
      headers: { cookie: entered.headers.get('set-cookie')?.split(';')[0] ?? '' },
    });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringMatching('text/html')]);
  });

  it('makes a ticket of a mail, and keeps it through kill -9 and a second start', async () => {
    await send('first');
    await until(async () => (await subjects()).includes('first'));
    await send('just before the kill');
    program.kill('SIGKILL');
    await program.exited;
    program = start();
    const began = performance.now();
    url = await program.ready();
    expect(performance.now() - began).toBeLessThan(30_000);
    await until(async () => (await subjects()).includes('just before the kill'));
    expect((await subjects()).sort()).toEqual(['first', 'just before the kill']);
  }, 90_000);

  it('refuses a second start on the same data, a taken port and a folder that cannot be written', async () => {
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.output).toMatch(/in use by a running Fanin \(process \d+/);
    const port = new URL(url).port;
    const elsewhere = new Program(
      '--data',
      join(folder.path, 'other'),
      '--http-port',
      port,
      '--smtp-port',
      '0',
      '--no-demo',
    );
    expect(await elsewhere.exited).toBe(1);
    expect(elsewhere.output).toMatch(new RegExp(`HTTP port ${port} on 127\\.0\\.0\\.1 is taken`));
    const sameSmtp = new Program(
      '--data',
      join(folder.path, 'other'),
      '--http-port',
      '0',
      '--smtp-port',
      String(smtpPort),
      '--no-demo',
    );
    expect(await sameSmtp.exited).toBe(1);
    expect(sameSmtp.output).toMatch(new RegExp(`SMTP port ${smtpPort} on 127\\.0\\.0\\.1 is taken`));
    writeFileSync(join(folder.path, 'file'), '');
    const unwritable = new Program('--data', join(folder.path, 'file', 'below'));
    expect(await unwritable.exited).toBe(1);
    expect(unwritable.output).toMatch(/cannot be written \(ENOTDIR\)/);
  }, 90_000);

  it('ends with 0 within ten seconds of SIGTERM, also while someone listens to its events', async () => {
    const listening = await fetch(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${key()}` } });
    expect(listening.status).toBe(200);
    const began = performance.now();
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    await listening.body?.cancel().catch(() => undefined);
    program = start();
    url = await program.ready();
    expect((await subjects()).length).toBe(2);
  }, 90_000);
});
