import { fieldsOf, validateInput, type ClassType, type InputProblem } from '@fanin/contracts';
import type { ChannelEntry } from './channel-entry.js';
import type { ConfigProblem } from './config-error.js';
import { AccountConfig, FaninConfig } from './fanin-config.js';
import type { ReadConfigOptions } from './read-config.js';
import { resolveReferences } from './references.js';

export interface Checked {
  /** Undefined when there are problems. */
  readonly config: FaninConfig | undefined;
  readonly problems: readonly ConfigProblem[];
}

export interface CheckOptions extends ReadConfigOptions {
  readonly folder: string;
}

/** References, shape, each account against its channel, then what only shows when the parts are seen together. */
export async function checkConfig(plain: unknown, options: CheckOptions): Promise<Checked> {
  const problems: ConfigProblem[] = [];
  const [frame, accountConfigs] = takeOutAccountConfigs(plain);
  const resolved = readNumbers(FaninConfig, resolveReferences(frame, options, problems));
  const unresolved = new Set(problems.map(({ path }) => path));
  const result = validateInput(FaninConfig, resolved);
  if (!result.ok) problems.push(...result.problems.filter(({ path }) => !unresolved.has(path)).map(hint));
  const accounts = listOf(resolved);
  const configs = await Promise.all(
    accounts.map((account, i) => checkAccount(account, accountConfigs[i], `accounts[${i}]`, options, problems)),
  );
  if (result.ok) problems.push(...crossProblems(result.value));
  if (!result.ok || problems.length > 0) return { config: undefined, problems };
  result.value.accounts.forEach((account, i) => {
    account.config = (configs[i] ?? {}) as Readonly<Record<string, unknown>>;
  });
  return { config: result.value, problems };
}

/** `accounts[].config` is the channel's business: the rest is checked without it. */
function takeOutAccountConfigs(plain: unknown): [frame: unknown, configs: unknown[]] {
  if (!isObject(plain) || !Array.isArray(plain['accounts'])) return [plain, []];
  const accounts = plain['accounts'] as unknown[];
  const without = accounts.map((account) => {
    if (!isObject(account)) return account;
    const { config: _config, ...rest } = account;
    return rest;
  });
  return [
    { ...plain, accounts: without },
    accounts.map((account) => (isObject(account) ? account['config'] : undefined)),
  ];
}

function listOf(plain: unknown): unknown[] {
  return isObject(plain) && Array.isArray(plain['accounts']) ? (plain['accounts'] as unknown[]) : [];
}

async function checkAccount(
  account: unknown,
  config: unknown,
  path: string,
  options: CheckOptions,
  problems: ConfigProblem[],
): Promise<object | undefined> {
  const slug = isObject(account) ? account['channel'] : undefined;
  if (typeof slug !== 'string') return undefined;
  const entry = options.channels.find(({ manifest }) => manifest.slug === slug);
  if (entry === undefined) {
    problems.push(unknownChannel(path, options.channels));
    return undefined;
  }
  if (options.families !== undefined && !options.families.includes(entry.manifest.family)) return {};
  return checkAgainstChannel(entry, config ?? {}, `${path}.config`, options, problems);
}

async function checkAgainstChannel(
  entry: ChannelEntry,
  config: unknown,
  path: string,
  options: CheckOptions,
  problems: ConfigProblem[],
): Promise<object | undefined> {
  const { Config } = await entry.load();
  const own: ConfigProblem[] = [];
  const resolved = readNumbers(Config, resolveReferences(config, options, own, path));
  const unresolved = new Set(own.map((problem) => problem.path));
  const result = validateInput(Config, resolved);
  problems.push(...own);
  if (result.ok) return result.value;
  const moved = result.problems.map((problem) =>
    hint({ ...problem, path: problem.path === '' ? path : `${path}.${problem.path}` }),
  );
  problems.push(...moved.filter((problem) => !unresolved.has(problem.path)));
  return undefined;
}

/** A reference always gives a text; where a number or a boolean is declared, it is read as one. */
function readNumbers(cls: ClassType, plain: unknown): unknown {
  if (!isObject(plain)) return plain;
  const fields = new Map(fieldsOf(cls).map((declaration) => [declaration.name, declaration]));
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]) => {
      const declaration = fields.get(name);
      const nested = declaration?.of?.();
      if (nested !== undefined) {
        return [
          name,
          Array.isArray(value) ? value.map((item) => readNumbers(nested, item)) : readNumbers(nested, value),
        ];
      }
      if (typeof value !== 'string') return [name, value];
      if (declaration?.kind === 'integer' || declaration?.kind === 'number') {
        return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
      }
      if (declaration?.kind === 'boolean') return [name, value === 'true' ? true : value === 'false' ? false : value];
      return [name, value];
    }),
  );
}

function unknownChannel(path: string, channels: readonly ChannelEntry[]): ConfigProblem {
  const slugs = channels.map(({ manifest }) => manifest.slug);
  return {
    path: `${path}.channel`,
    message: slugs.length === 0 ? 'is no channel: this build has none' : `is no channel; there are ${slugs.join(', ')}`,
    ...(slugs[0] === undefined ? {} : { example: slugs[0] }),
  };
}

/** What is known of `accounts[]` does not name `config`, because it is taken out before the check. */
function hint({ path, message, example }: InputProblem): ConfigProblem {
  const known = fieldsOf(AccountConfig)
    .map(({ name }) => name)
    .join(', ');
  return {
    path,
    message: message.replace(`known are ${known}`, `known are ${known}, config`),
    ...(example === undefined ? {} : { example }),
  };
}

function crossProblems(config: FaninConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [...repeated(config.tenants, 'tenants'), ...repeated(config.accounts, 'accounts')];
  const tenants = config.tenants.map(({ id }) => id);
  if (tenants.length === 0) {
    problems.push({
      path: 'tenants',
      message: 'is empty: at least one is needed',
      example: [{ id: 'default', name: 'My shop' }],
    });
  }
  config.accounts.forEach(({ tenant }, i) => {
    if (tenants.includes(tenant)) return;
    problems.push({
      path: `accounts[${i}].tenant`,
      message: `is none of tenants (${tenants.join(', ')})`,
      example: tenants[0],
    });
  });
  if (config.bus.engine === 'kafka' && config.bus.kafka === undefined) {
    problems.push({
      path: 'bus.kafka',
      message: 'is missing, bus.engine is kafka',
      example: { brokers: ['kafka-1:9092'] },
    });
  }
  if (config.bus.kafka !== undefined && config.bus.kafka.brokers.length === 0) {
    problems.push({ path: 'bus.kafka.brokers', message: 'is empty', example: ['kafka-1:9092'] });
  }
  if (config.database.url === undefined) {
    problems.push({ path: 'database.url', message: 'is missing', example: '${env:DATABASE_URL}' });
  }
  if ((config.storage.folder === undefined) === (config.storage.s3 === undefined)) {
    problems.push({
      path: 'storage',
      message: 'needs exactly one of folder and s3',
      example: { folder: '/var/lib/fanin/objects' },
    });
  }
  if (config.auth.operator_token !== undefined && config.auth.session_secret === undefined) {
    problems.push({
      path: 'auth.session_secret',
      message: 'is missing, sessions of auth.operator_token are signed with it',
      example: '${file:/run/secrets/session}',
    });
  }
  if (config.auth.signing_secrets.length === 0 && config.accounts.length > 0) {
    problems.push({
      path: 'auth.signing_secrets',
      message: 'is empty: reply addresses and visitor ids are signed with the first',
      example: ['${file:/run/secrets/signing}'],
    });
  }
  config.auth.signing_secrets.forEach((secret, i) => {
    if (secret.length >= 32) return;
    problems.push({ path: `auth.signing_secrets[${i}]`, message: 'must have at least 32 characters' });
  });
  return problems;
}

function repeated(list: readonly { readonly id: string }[], name: string): ConfigProblem[] {
  return list.flatMap(({ id }, i) =>
    list.findIndex((other) => other.id === id) < i
      ? [{ path: `${name}[${i}].id`, message: `repeats "${id}" of an earlier one` }]
      : [],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
