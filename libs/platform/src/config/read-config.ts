import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ChannelFamily } from '@fanin/contracts';
import { messageOf } from '@fanin/kernel';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { ChannelEntry } from './channel-entry.js';
import { checkConfig } from './check-config.js';
import { ConfigError, type ConfigProblem } from './config-error.js';
import type { FaninConfig } from './fanin-config.js';
import { fileErrorCode } from '../storage/file-error.js';
import { yamlFaults } from './yaml-faults.js';

export interface ReadConfigOptions {
  readonly channels: readonly ChannelEntry[];
  /**
   * Families whose accounts this service runs: their configuration is resolved and checked. The others' stays empty, so
   * that a service neither needs nor sees secrets of channels it does not run. All when absent.
   */
  readonly families?: readonly ChannelFamily[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What holds where the file says nothing; given by standalone. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** Reads the one YAML file. Throws ConfigError with everything that is wrong in it. */
export async function readConfigFile(file: string, options: ReadConfigOptions): Promise<FaninConfig> {
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const message = `cannot be read (${fileErrorCode(error)}); name another with --config FILE`;
    throw new ConfigError(path, [{ path: '', message }]);
  }
  return readConfigText(text, path, options);
}

/** The same for a text; `source` names it in messages and is where relative paths start. */
export async function readConfigText(text: string, source: string, options: ReadConfigOptions): Promise<FaninConfig> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new ConfigError(source, yamlFaults(document.errors, text, lines));
  }
  const plain = plainOf(document, source);
  const { config, problems } = await checkConfig(withDefaults(plain, options.defaults), {
    ...options,
    folder: dirname(source),
  });
  if (config === undefined) {
    throw new ConfigError(
      source,
      problems.map((problem) => ({ ...problem, ...lineOf(document, lines, problem) })),
    );
  }
  return config;
}

function plainOf(document: Document, source: string): unknown {
  try {
    return (document.toJS({ maxAliasCount: 100 }) as unknown) ?? {};
  } catch (error) {
    // A `*name` without its `&name`, or too many of them.
    throw new ConfigError(source, [{ path: '', message: `cannot be read: ${messageOf(error)}` }]);
  }
}

/** The same for a value that comes from no file (standalone without one). */
export async function readConfigValue(
  plain: unknown,
  source: string,
  options: ReadConfigOptions,
): Promise<FaninConfig> {
  const { config, problems } = await checkConfig(withDefaults(plain, options.defaults), {
    ...options,
    folder: process.cwd(),
  });
  if (config === undefined) throw new ConfigError(source, problems);
  return config;
}

/** Sections merge field by field; lists and single values of the file win whole. */
function withDefaults(plain: unknown, defaults: Readonly<Record<string, unknown>> = {}): unknown {
  if (!isObject(plain)) return plain;
  const merged: Record<string, unknown> = { ...defaults, ...plain };
  for (const [name, value] of Object.entries(defaults)) {
    if (isObject(value) && isObject(plain[name])) merged[name] = { ...value, ...plain[name] };
  }
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The line of the field, or of the nearest thing around it that the file has. */
function lineOf(document: Document, lines: LineCounter, { path }: ConfigProblem): { line?: number } {
  const keys = path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  for (; keys.length > 0; keys.pop()) {
    const node = document.getIn(keys, true) as { range?: readonly number[] | null } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return { line: lines.linePos(start).line };
  }
  return {};
}
