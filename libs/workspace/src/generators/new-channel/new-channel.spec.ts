import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The promise behind `npm run new-channel`: what it writes is red, a small echo channel filled in makes it green, and no
 * file outside the folder was touched. In a copy of the repository, so that nothing of this one changes.
 */
const repository = join(import.meta.dirname, '..', '..', '..', '..', '..');
const echo = join(import.meta.dirname, 'echo', 'files');
const ROOT_FILES = [
  'package.json',
  'nx.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'jest.preset.js',
  '.gitignore',
  '.prettierrc.json',
];
const LIBRARIES = ['contracts', 'kernel', 'connector-kit', 'workspace'];
const SLUG = 'social-echo';

let root: string;

interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

function run(bin: string, ...args: string[]): Outcome {
  const done = spawnSync(process.execPath, [join(root, 'libs/workspace/bin', bin), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status: done.status, output: `${done.stdout}${done.stderr}` };
}

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-C', root, ...args], {
    encoding: 'utf8',
  });
}

function edit(file: string, from: string | RegExp, to: string): () => void {
  const path = join(root, 'libs/channels', SLUG, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} holds no ${String(from)}`);
  writeFileSync(path, after);
  return () => writeFileSync(path, before);
}

/** Generates, and fills in the echo of that shape. */
function makeEcho(shape: string): void {
  expect(run('new-channel.mjs', SLUG, '--capture', shape).output).toContain(`Next: npm run conformance -- ${SLUG}`);
  const folder = join(root, 'libs/channels', SLUG);
  for (const part of ['common', shape]) cpSync(join(echo, part), folder, { recursive: true });
  for (const name of readdirSync(join(folder, 'src'))) {
    const path = join(folder, 'src', name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('SocialEchoConfig', 'EchoConfig'));
  }
}

describe('npm run new-channel', () => {
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'fanin-new-channel-'));
    for (const file of ROOT_FILES) cpSync(join(repository, file), join(root, file));
    mkdirSync(join(root, 'libs/channels'), { recursive: true });
    for (const name of LIBRARIES) cpSync(join(repository, 'libs', name), join(root, 'libs', name), { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, '.gitignore'), 'node_modules\n');
    git('init', '--quiet');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'copy');
  });

  afterEach(() => rmSync(join(root, 'libs/channels', SLUG), { recursive: true, force: true }));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    [['Social_Echo', '--capture', 'webhook'], /SLUG 'Social_Echo' must be kebab-case/],
    [['social-echo'], /--capture must be one of webhook, poll, stream/],
    [['echo', '--capture', 'poll'], /--family must be one of email, phone, chat, social/],
    [['--capture', 'poll'], /SLUG is missing/],
  ])('refuses %j and says what is right', (args, says) => {
    const { status, output } = run('new-channel.mjs', ...args);
    expect(status).toBe(1);
    expect(output).toMatch(says);
    expect(readdirSync(join(root, 'libs/channels'))).toEqual([]);
  });

  it('does not touch a channel that is there', () => {
    run('new-channel.mjs', SLUG, '--capture', 'poll');
    edit('README.md', '# Social Echo', '# Mine');
    expect(run('new-channel.mjs', SLUG, '--capture', 'poll')).toMatchObject({
      status: 1,
      output: expect.stringMatching(/exists already/),
    });
    expect(readFileSync(join(root, 'libs/channels', SLUG, 'README.md'), 'utf8')).toContain('# Mine');
  });

  it.each(['webhook', 'poll', 'stream'])(
    'makes a %s channel that is red, then green, in its own folder only',
    (shape) => {
      run('new-channel.mjs', SLUG, '--capture', shape);
      const red = run('conformance.mjs', SLUG);
      expect(red.status).toBe(1);
      for (const line of [
        '→ fixtures/ holds 0 of at least 3',
        `give the suite a \`${shape}\` driver`,
        'needs a case that becomes TRANSIENT',
        'README.md: the table of config is not current',
      ])
        expect(red.output).toContain(line);
      rmSync(join(root, 'libs/channels', SLUG), { recursive: true });

      makeEcho(shape);
      const written = run('conformance.mjs', SLUG, '--update-fixtures', '--update-docs');
      expect(written.output).toMatch(/all \d+ checks hold/);
      const green = run('conformance.mjs', SLUG);
      expect(green.output).toMatch(/all \d+ checks hold/);
      expect(green.status).toBe(0);
      const message = JSON.parse(
        readFileSync(join(root, 'libs/channels', SLUG, 'fixtures/message.json'), 'utf8'),
      ) as unknown;
      expect(message).toMatchObject({
        expected: { messages: [{ provider_message_id: 'm-1', text: 'Where is my parcel?' }] },
      });
      expect(git('status', '--porcelain', '--untracked-files=normal')).toBe('?? libs/channels/\n');
      expect(readdirSync(join(root, 'libs/channels'))).toEqual([SLUG]);
    },
    60_000,
  );

  it('notices what is wrong with a channel', () => {
    makeEcho('webhook');
    run('conformance.mjs', SLUG, '--update-fixtures', '--update-docs');
    const faults: [string, string | RegExp, string, string][] = [
      [
        'src/verify.ts',
        '.update(request.body)',
        '',
        'lets in a body of which one bit was changed|refuses a rightly signed request',
      ],
      [
        'src/verify.ts',
        /given\.length === right\.length && /,
        'given.length === 0 || ',
        'lets in a request without x-echo-signature',
      ],
      ['src/capture.ts', 'await emit', 'void emit', 'answered before emit resolved'],
      ['src/capture.ts', 'body: request.body', "body: Buffer.from('{}')", 'emit the body byte for byte'],
      [
        'src/normalise.ts',
        'provider_message_id: message.id',
        'provider_message_id: `${message.id}${Math.random()}`',
        'gave two results',
      ],
      ['src/normalise.ts', 'if (!isText(id, 100)', 'if (false', 'cannot travel|threw on a damaged'],
      [
        'src/errors.ts',
        /return new FaninError\('BUG'.*/,
        "return new FaninError('TRANSIENT', 'again');",
        'must become BUG',
      ],
      ['src/config.ts', ', secret: true', '', 'looks like a secret'],
      ['src/config.ts', 'minLength: 16', 'minLength: 15, optional: true', 'the table of config is not current'],
      ['src/manifest.ts', 'capabilities: []', "capabilities: ['replies']", '`deliver` must be there exactly'],
      [
        'src/normalise.ts',
        "import { FaninError } from '@fanin/kernel';",
        "import { FaninError } from '@fanin/kernel';\nimport 'yaml';",
        'this file is pure',
      ],
      ['fixtures/message.json', '"text": "Where is my parcel?"', '"text": "Another"', 'Where is my parcel'],
      [
        'src/channel.ts',
        'create: (account) => ({',
        "create: (account, host) => (host.logger.info('new', { account }), {",
        'a secret of the configuration was logged',
      ],
    ];
    for (const [file, from, to, says] of faults) {
      const mend = edit(file, from, to);
      const { status, output } = run('conformance.mjs', SLUG);
      mend();
      expect(`${file}: ${status === 1 ? '' : 'passed '}${output}`).toMatch(new RegExp(says));
    }
    expect(existsSync(join(root, 'libs/channels', SLUG))).toBe(true);
  }, 120_000);
});
