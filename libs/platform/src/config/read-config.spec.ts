import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel, ChannelManifest } from '@fanin/connector-kit';
import { field } from '@fanin/contracts';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import type { ChannelEntry } from './channel-entry.js';
import { ConfigError } from './config-error.js';
import { configSchema } from './config-schema.js';
import type { FaninConfig } from './fanin-config.js';
import { readConfigFile, readConfigText } from './read-config.js';

class PostConfig {
  @field.texts({ description: 'Addresses.', example: ['support@shop.example'] })
  addresses!: string[];

  @field.text({ description: 'Password.', secret: true, optional: true })
  password?: string;

  @field.integer({ description: 'Port.', optional: true, default: 25, minimum: 1 })
  port = 25;
}

let loaded: string[] = [];

function entry(slug: string, family: ChannelManifest['family']): ChannelEntry {
  return {
    manifest: { slug, family } as ChannelManifest,
    load: async () => {
      loaded.push(slug);
      return { Config: PostConfig } as unknown as Channel;
    },
  };
}

const channels = [entry('email-post', 'email'), entry('chat-post', 'chat')];

const GOOD = `
tenants:
  - { id: default, name: My shop }
accounts:
  - id: mail
    tenant: default
    channel: email-post
    config: { addresses: [support@shop.example], password: '\${env:MAIL_PASSWORD}', port: '\${env:MAIL_PORT}' }
database: { url: 'postgres://fanin:\${file:secret}@db/fanin' }
storage: { folder: /data }
auth: { signing_secrets: [0123456789abcdef0123456789abcdef] }
`;
const env = { MAIL_PASSWORD: 'p', MAIL_PORT: '2526' };

describe('the configuration file', () => {
  let folder: string;
  const read = (text: string, more: object = {}): Promise<FaninConfig> =>
    readConfigText(text, join(folder, 'fanin.yaml'), { channels, env, ...more });
  const problemsOf = async (text: string, more: object = {}): Promise<string[]> => {
    const error = await read(text, more).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError', { cause: error });
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  };

  beforeEach(() => {
    loaded = [];
    folder = mkdtempSync(join(tmpdir(), 'fanin-config-'));
    writeFileSync(join(folder, 'secret'), 'from-file\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('fills in defaults, resolves references, reads numbers from them and checks accounts against their channel', async () => {
    const config = await read(GOOD);
    expect(config.database).toMatchObject({
      url: 'postgres://fanin:from-file@db/fanin',
      pool_size: 10,
      migrate: 'auto',
    });
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080 });
    expect(config.bus.engine).toBe('postgres');
    expect(config.accounts[0]?.config).toEqual({ addresses: ['support@shop.example'], password: 'p', port: 2526 });
  });

  it('reads from a file, and says which one is missing', async () => {
    writeFileSync(join(folder, 'fanin.yaml'), GOOD);
    await expect(readConfigFile(join(folder, 'fanin.yaml'), { channels, env })).resolves.toBeDefined();
    await expect(readConfigFile(join(folder, 'none.yaml'), { channels, env })).rejects.toThrow(
      /none\.yaml.*ENOENT.*--config/s,
    );
  });

  it('lists all problems at once with path, line, what is wrong and an example', async () => {
    const problems = await problemsOf(`
tenants:
  - { id: Default!, name: My shop }
accounts:
  - { id: a, tenant: default, channel: email-post, config: { port: 0, adresses: [x] } }
  - { id: b, tenant: default, channel: fax, config: {} }
http: { port: many }
databse: {}
`);
    const text = problems.join('\n');
    expect(text).toMatch(/tenants\[0\]\.id \(line 3\) .*for example "default"/);
    expect(text).toMatch(
      /accounts\[0\]\.config\.addresses \(line 5\) is missing, for example \["support@shop\.example"\]/,
    );
    expect(text).toMatch(
      /accounts\[0\]\.config\.adresses \(line 5\) is not a known field; known are addresses, password, port/,
    );
    expect(text).toMatch(/accounts\[0\]\.config\.port \(line 5\)/);
    expect(text).toMatch(/accounts\[1\]\.channel \(line 6\) is no channel; there are email-post, chat-post/);
    expect(text).toMatch(/http\.port \(line 7\)/);
    expect(text).toMatch(/databse \(line 8\) is not a known field/);
  });

  it('finds what only shows between the parts', async () => {
    const problems = await problemsOf(`
tenants:
  - { id: one, name: One }
  - { id: one, name: Again }
accounts:
  - { id: a, tenant: two, channel: email-post, config: { addresses: [] } }
  - { id: a, tenant: one, channel: email-post, config: { addresses: [] } }
bus: { engine: kafka }
auth: { operator_token: 0123456789abcdef0123456789abcdef }
storage: { folder: /x, s3: { endpoint: 'http://s3', bucket: b, access_key_id: a, secret_access_key: s } }
`);
    expect(problems.map((line) => /^- (\S+)/.exec(line)?.[1])).toEqual([
      'tenants[1].id',
      'accounts[1].id',
      'accounts[0].tenant',
      'bus.kafka',
      'database.url',
      'storage',
      'auth.session_secret',
      'auth.signing_secrets',
    ]);
  });

  it('finds it too where parts are of the wrong shape, and draws no conclusion from what cannot be read', async () => {
    const wrong = `
accounts:
  - { id: a, tenant: two, channel: fax }
  - { id: a, tenant: one, channel: '\${env:UNSET_CHANNEL}' }
  - { id: c, tenant: '\${env:UNSET_TENANT}', channel: email-post, config: { addresses: [], port: many } }
bus: { engine: kafka }
storage: nowhere
http: { port: many }
auth: { operator_token: 0123456789abcdef0123456789abcdef }
`;
    const pathsOf = async (text: string): Promise<(string | undefined)[]> =>
      (await problemsOf(text)).map((line) => /^- (\S+)/.exec(line)?.[1]).sort();
    const withoutTenants = [
      'accounts[0].channel',
      'accounts[1].channel',
      'accounts[1].id',
      'accounts[2].config.port',
      'accounts[2].tenant',
      'auth.session_secret',
      'auth.signing_secrets',
      'bus.kafka',
      'database.url',
      'http.port',
      'storage',
    ];
    expect(await pathsOf(`tenants: [{ id: one, name: One }]${wrong}`)).toEqual(
      [...withoutTenants, 'accounts[0].tenant'].sort(),
    );
    expect(await pathsOf(`tenants: [{ id: [], name: One }]${wrong}`)).toEqual(
      [...withoutTenants, 'tenants[0].id'].sort(),
    );
  });

  it('does not judge an entry of a list whose reference leads nowhere, but those beside it', async () => {
    const secrets = (list: string): string => GOOD.replace('[0123456789abcdef0123456789abcdef]', list);
    expect(await problemsOf(secrets("['${env:UNSET}']"))).toEqual([
      expect.stringMatching(/auth\.signing_secrets\[0\] \(line 11\) names .* UNSET, which is not set/),
    ]);
    expect((await problemsOf(secrets("['${env:UNSET}', short]"))).join('\n')).toMatch(
      /signing_secrets\[0\].*UNSET.*\n.*signing_secrets\[1\] .*at least 32 characters/,
    );
    expect(await problemsOf(secrets('[short]'))).toEqual([expect.stringMatching(/signing_secrets .*32 characters/)]);
  });

  it('names references that lead nowhere, once each and without any value', async () => {
    const problems = await problemsOf(
      GOOD.replace('file:secret', 'file:absent').replace('MAIL_PORT', 'UNSET').replace('env:MAIL_PASSWORD', 'vault:x'),
    );
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(/database\.url .*absent.*ENOENT/);
    expect(problems.join('\n')).toMatch(/accounts\[0\]\.config\.port .*UNSET, which is not set/);
    expect(problems.join('\n')).toMatch(/accounts\[0\]\.config\.password .*neither/);
  });

  it('leaves accounts of other families closed: no secret is asked for, no implementation loaded', async () => {
    const config = await read(GOOD, { families: ['chat'], env: {} });
    expect(config.accounts[0]?.config).toEqual({});
    expect(loaded).toEqual([]);
  });

  it.each([
    ['tenants:\n\t- id: a', 2, 1, 'indented with a tab: use spaces', '\t- id: a'],
    ['tenants: [\n  {id: a', 2, 9, 'a closing } is missing', '{id: a'],
    ['http:\n  host: "x\n  port: 1\n', 3, 10, 'a quote " that was opened is not closed', '  port: 1'],
    ['bus: {}\nbus: {}\n', 2, 1, 'stands twice in the same section', 'bus: {}'],
    ['http:\n    host: x\n  port: 1\n', 3, 1, 'indented differently', '  port: 1'],
    ['http: host: x\n', 1, 7, 'two "name: value" in one line', 'http: host: x'],
    ['- a\nb: 1\n', 2, 1, 'does not belong here', 'b: 1'],
    ['http: { host: @x }\n', 1, 15, 'must stand in quotes', 'http: { host: @x }'],
  ])('says where the YAML of %j is broken, once and in plain words', async (text, line, column, says, excerpt) => {
    const error = await read(text).catch((reason: unknown) => reason);
    const message = (error as ConfigError).message;
    expect(error).toBeInstanceOf(ConfigError);
    expect(message).toContain(`${join(folder, 'fanin.yaml')} has one problem:\n  - line ${line}, column ${column}: `);
    expect(message).toContain(says);
    expect(message.split('\n')[2]).toContain(excerpt);
    expect(message.split('\n')[3]).toMatch(/^\s*\^$/);
  });

  it('names an alias that has no anchor', async () => {
    expect((await problemsOf('http: *none')).join()).toMatch(/the file cannot be read: .*alias.*none/);
  });

  it('takes defaults that the file overrides field by field', async () => {
    const config = await read(GOOD, {
      defaults: { http: { host: '0.0.0.0', port: 9 }, logging: { format: 'pretty' } },
    });
    expect(config.http.port).toBe(9);
    expect(config.logging.format).toBe('pretty');
    const own = await read(`${GOOD}\nhttp: { port: 10 }\n`, { defaults: { http: { host: '0.0.0.0', port: 9 } } });
    expect(own.http).toMatchObject({ host: '0.0.0.0', port: 10 });
  });

  it('shows no secret of a broken line', async () => {
    const text = 'tenants: []\ndatabase:\n  password: "hunter2-of-the-shop\n';
    const { message } = await readConfigText(text, join(folder, 'fanin.yaml'), { channels, env }).then(
      () => ({ message: '' }),
      (error: unknown) => error as Error,
    );
    expect(message).toContain('password: …');
    expect(message).not.toContain('hunter2');
  });
});

describe('deploy/', () => {
  const deploy = join(import.meta.dirname, '..', '..', '..', '..', 'deploy');
  const example = readFileSync(join(deploy, 'fanin.example.yaml'), 'utf8');

  it('holds the schema that the classes give (npm run config:schema writes it)', async () => {
    expect(JSON.parse(readFileSync(join(deploy, 'config.schema.json'), 'utf8'))).toEqual(await configSchema());
  });

  it('holds an example that keeps the schema and names every section', async () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(join(deploy, 'config.schema.json'), 'utf8')) as object,
    );
    const plain = parse(example) as object;
    expect(validate(plain)).toBe(true);
    expect(Object.keys(plain)).toEqual([
      'tenants',
      'accounts',
      'bus',
      'database',
      'storage',
      'http',
      'smtp',
      'auth',
      'logging',
    ]);
  });
});
