import { fieldsOf, validateInput, type ClassType, type InputProblem } from '@fanin/contracts';
import type { ChannelEntry } from './channel-entry.js';
import type { ConfigProblem } from './config-error.js';
import { crossProblems } from './cross-problems.js';
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
  const unresolved = pathsOf(problems);
  const result = validateInput(FaninConfig, resolved);
  if (!result.ok) problems.push(...result.problems.filter(({ path }) => !unresolved.has(path)).map(hint));
  const reported = pathsOf(problems);
  const accounts = listOf(resolved);
  const configs = await Promise.all(
    accounts.map((account, i) =>
      checkAccount(account, accountConfigs[i], `accounts[${i}]`, options, problems, unresolved),
    ),
  );
  problems.push(...crossProblems(resolved, unresolved).filter(({ path }) => !reported.has(path)));
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
  unresolved: ReadonlySet<string>,
): Promise<object | undefined> {
  const slug = isObject(account) ? account['channel'] : undefined;
  if (typeof slug !== 'string' || unresolved.has(`${path}.channel`)) return undefined;
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
  const unresolved = pathsOf(own);
  const result = validateInput(Config, resolved);
  problems.push(...own);
  if (result.ok) return result.value;
  const moved = result.problems.map((problem) =>
    hint({ ...problem, path: problem.path === '' ? path : `${path}.${problem.path}` }),
  );
  problems.push(...moved.filter((problem) => !unresolved.has(problem.path)));
  return undefined;
}

/** A rule for the entries of a list is reported at the list, so that is counted in with each entry. */
function pathsOf(problems: readonly ConfigProblem[]): ReadonlySet<string> {
  return new Set(problems.flatMap(({ path }) => [path, path.replace(/\[\d+\]$/, '')]));
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
