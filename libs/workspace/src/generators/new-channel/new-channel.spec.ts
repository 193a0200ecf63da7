import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
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
  renameSync(join(folder, 'src/contract-spec.ts'), join(folder, 'src/contract.spec.ts'));
  for (const name of readdirSync(join(folder, 'src'))) {
    const path = join(folder, 'src', name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('SocialEchoConfig', 'EchoConfig'));
  }
}

/** Each: file, what stands there, what is put in its place, what the suite must say. Those of a group are made together. */
type Fault = readonly [file: string, from: string | RegExp, to: string, says: string];
const FAULTS: readonly (readonly Fault[])[] = [
  [
    ['src/verify.ts', '.update(request.body)', ".update('')", 'refuses a rightly signed request'],
    ['src/normalise.ts', ': message.id,', ': `${message.id}${Math.random()}`,', 'gave two results'],
    [
      'src/errors.ts',
      /return new FaninError\('BUG'.*/,
      "return new FaninError('TRANSIENT', 'again');",
      'must become BUG',
    ],
    ['src/config.ts', ', secret: true', '', 'looks like a secret'],
    ['src/normalise.ts', /^/, "import 'yaml';\n", 'this file is pure'],
  ],
  [
    [
      'src/verify.ts',
      'given.length === right.length &&',
      'given.length === 0 ||',
      'lets in a request without x-echo-signature',
    ],
    [
      'src/contract.spec.ts',
      'signatureHeaders:',
      "bodyIsNotSigned: 'no', signatureHeaders:",
      'bodyIsNotSigned must say why, in a sentence',
    ],
    ['src/capture.ts', 'await emit', 'void emit', 'answered before emit resolved'],
    ['src/manifest.ts', 'capabilities: []', "capabilities: ['replies']", '`deliver` must be there exactly'],
    ['src/normalise.ts', 'if (!isText(id, 100)', 'if (false', 'damaged'],
    ['src/config.ts', 'Secret that', 'The key that', 'the table of config is not current'],
    ['fixtures/message.json', '"text": "Where', '"text": "Oh, where', 'Oh, where is my parcel'],
  ],
  [
    [
      'src/verify.ts',
      'timingSafeEqual(given, right)',
      'right.length > 0',
      'lets in a body of which one bit was changed',
    ],
    ['src/capture.ts', 'body: request.body', "body: Buffer.from('{}')", 'emit the body byte for byte'],
    [
      'src/channel.ts',
      'create: (account) => ({',
      "create: (account, host) => (host.logger.info('new', { account }), {",
      'a secret of the configuration was logged',
    ],
    [
      'src/normalise.ts',
      'messages: [], ignored:',
      'messages: [], forgotten:',
      'every delivery must say what became of it',
    ],
  ],
];

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

  it('says everything that is wrong at once, each with an example', () => {
    const { status, output } = run(
      'new-channel.mjs',
      'Bad_Slug',
      'more',
      '--capture',
      'foo',
      '--family',
      'fax',
      '--nope',
    );
    expect(status).toBe(1);
    expect(output).toMatch(/no option --nope.*e\.g\. --capture webhook/);
    expect(output).toMatch(/one SLUG at a time, e\.g\. social-mastodon, but there are Bad_Slug, more/);
    expect(output).toMatch(/SLUG 'Bad_Slug' must be kebab-case.*e\.g\. social-mastodon/);
    expect(output).toMatch(/--capture must be one of.*E\.g\. --capture webhook/);
    expect(output).toMatch(/--family must be one of.*e\.g\. --family social/);
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

  it('writes a channel whose red lines are the to-do list', () => {
    run('new-channel.mjs', SLUG, '--capture', 'webhook');
    const { status, output } = run('conformance.mjs', SLUG);
    expect(status).toBe(1);
    for (const line of [
      '→ fixtures/ holds 0 of at least 3',
      'give the suite a `webhook` driver',
      'needs a case that becomes TRANSIENT',
      'README.md: the table of config is not current',
    ])
      expect(output).toContain(line);
  }, 60_000);

  it.each(['webhook', 'poll', 'stream'])(
    'lets a %s channel become green within its own folder',
    (shape) => {
      makeEcho(shape);
      const { status, output } = run('conformance.mjs', SLUG, '--update-fixtures', '--update-docs');
      expect(output).toMatch(/all \d+ checks hold/);
      expect(status).toBe(0);
      const fixture = readFileSync(join(root, 'libs/channels', SLUG, 'fixtures/message.json'), 'utf8');
      expect(JSON.parse(fixture)).toMatchObject({
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
    expect(run('conformance.mjs', SLUG).output).toMatch(/all \d+ checks hold/);
    for (const faults of FAULTS) {
      const undo = faults.map(([file, from, to]) => edit(file, from, to)).reverse();
      const { status, output } = run('conformance.mjs', SLUG);
      for (const restore of undo) restore();
      expect(status).toBe(1);
      for (const [, , , says] of faults) expect(output).toContain(says);
    }
  }, 120_000);
});
