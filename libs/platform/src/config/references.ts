import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileErrorCode } from '../storage/file-error.js';
import type { ConfigProblem } from './config-error.js';

export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of `${file:…}` start here. */
  readonly folder: string;
}

const REFERENCE = /\$\{([^}]*)\}/g;

/**
 * Replaces `${env:NAME}` and `${file:PATH}` (without the newline at its end) in every text below `value`. What cannot be
 * resolved is reported and left in place, so that later checks do not report it a second time.
 */
export function resolveReferences(
  value: unknown,
  sources: ReferenceSources,
  problems: ConfigProblem[],
  path = '',
): unknown {
  if (typeof value === 'string') return resolveText(value, sources, problems, path);
  if (Array.isArray(value)) return value.map((item, i) => resolveReferences(item, sources, problems, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      resolveReferences(item, sources, problems, path === '' ? name : `${path}.${name}`),
    ]),
  );
}

function resolveText(text: string, sources: ReferenceSources, problems: ConfigProblem[], path: string): string {
  return text.replace(REFERENCE, (whole, reference: string) => {
    const found = lookUp(reference, sources);
    if (found.ok) return found.value;
    problems.push({ path, message: found.problem });
    return whole;
  });
}

type Found = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };

function lookUp(reference: string, { env, folder }: ReferenceSources): Found {
  const at = reference.indexOf(':');
  const kind = reference.slice(0, at);
  const name = reference.slice(at + 1);
  if (kind === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const value = env[name];
    if (value !== undefined && value !== '') return { ok: true, value };
    return { ok: false, problem: `names the environment variable ${name}, which is not set` };
  }
  if (kind === 'file' && name !== '') return readReferenced(resolve(folder, name));
  return { ok: false, problem: 'has a reference that is neither ${env:NAME} nor ${file:PATH}' };
}

function readReferenced(file: string): Found {
  try {
    return { ok: true, value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    return { ok: false, problem: `names the file ${file}, which cannot be read (${fileErrorCode(error)})` };
  }
}
