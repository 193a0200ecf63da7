import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { prepareServiceRole } from '../database/service-role.js';
import { runApp } from './run-app.js';

describe('runApp', () => {
  let server: TestDatabase;
  let folder: string;
  let file: string;
  let env: Record<string, string> = {};
  let signal: (name: string) => void = () => undefined;

  beforeAll(async () => {
    server = await startTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'fanin-app-'));
    file = join(folder, 'fanin.yaml');
    const url = await prepareServiceRole(server.url);
    writeFileSync(
      file,
      `tenants: [{ id: default, name: Shop }]\ndatabase: { url: '${url}' }\nstorage: { folder: '${folder}/objects' }\nhttp: { port: 0 }\nlogging: { level: error }\n`,
    );
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runApp({
      name: 'probe',
      channels: [],
      definition: () => ({ name: 'probe', database: [], modules: [] }),
      process: {
        argv,
        env,
        print: (line) => {
          out.push(line);
          if (line.includes('is ready')) signal('SIGTERM');
        },
        complain: (line) => void err.push(line),
        onSignal: (listener) => {
          signal = listener;
          return () => undefined;
        },
        onUncaught: () => () => undefined,
        exit: () => undefined,
      },
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }

  it('runs the service until a signal and ends with 0', async () => {
    const { code, out } = await run('--config', file);
    expect([code, out]).toEqual([0, expect.stringMatching(/Fanin probe is ready: http:\/\/127\.0\.0\.1:\d+/)]);
  });

  it('says what to do without a configuration, with an unknown option and an unknown command', async () => {
    expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('--config FILE') });
    expect(await run('--confg', file)).toMatchObject({ code: 1, err: expect.stringContaining("'--confg'. --help") });
    expect(await run('fly', '--config', file)).toMatchObject({
      code: 1,
      err: 'There is no command "fly". --help lists them.',
    });
    expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('keys create') });
  });

  it('refuses a crash point that there is not, before anything is opened', async () => {
    env = { FANIN_CRASH_POINT: 'somewhere' };
    expect(await run('--config', file)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/"somewhere" is no crash point.*deliver\.sent: the vendor or the SMTP server took/s),
    });
    env = {};
  });

  it('checks a configuration, prints its schema, migrates, makes topics', async () => {
    expect(await run('config', 'check', '--config', file)).toMatchObject({
      code: 0,
      out: expect.stringMatching('1 tenants'),
    });
    expect(JSON.parse((await run('config', 'schema')).out)).toMatchObject({ title: 'FaninConfig' });
    expect(await run('migrate', '--config', file)).toMatchObject({ code: 0 });
    expect((await run('topics', '--config', file)).out).toMatch(
      /^fanin\.inbound\.raw\.v1 {2}12 partitions {2}delete$/m,
    );
  });

  it('makes, lists and revokes keys', async () => {
    const made = await run(
      'keys',
      'create',
      '--tenant',
      'default',
      '--scopes',
      'tickets:read',
      '--name',
      'bi',
      '--config',
      file,
    );
    const id = /id {3}(\S+)/.exec(made.out)?.[1] ?? '';
    expect(made.out).toMatch(/key {2}fanin_\S{43}/);
    expect((await run('keys', 'list', '--tenant', 'default', '--config', file)).out).toMatch(
      new RegExp(`${id} {2}bi {2}scopes tickets:read .* ends never`),
    );
    expect((await run('keys', 'revoke', id, '--config', file)).code).toBe(0);
    expect((await run('keys', 'revoke', id, '--config', file)).err).toMatch('There is no key');
  });

  it.each([
    [['create', '--tenant', 'default', '--scopes', 'fly'], /No scope: fly\. There are all, or any of/],
    [['create', '--tenant', 'other', '--scopes', 'all'], /no tenant "other"; there are default/],
    [['create', '--scopes', 'all'], /--tenant is missing/],
    [['create', '--tenant', 'default', '--scopes', 'all', '--expires', 'soon'], /is no time/],
    [['burn'], /Usage/],
  ])('refuses keys %j', async (argv, message) => {
    expect(await run('keys', ...argv, '--config', file)).toMatchObject({
      code: 1,
      err: expect.stringMatching(message),
    });
  });
});
