import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Codec, DecodeFailure } from './codec.js';
import { createCodecs, schemaIdOf } from './create-codec.js';
import { fieldsOf, type ClassType } from './fields.js';

const LEAST = 3;
const codecs = Object.values(createCodecs()) as unknown as readonly Codec<object>[];
const folderOf = ({ name, version }: Codec<object>['contract']): string =>
  join(import.meta.dirname, 'examples', name, `v${version}`);
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const headersOf = (codec: Codec<object>): Record<string, string> => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_type: codec.contract.type,
  ce_dataschema: schemaIdOf(codec.contract),
});

function examplesOf(codec: Codec<object>, sort: 'valid' | 'invalid'): string[] {
  const folder = folderOf(codec.contract);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file.startsWith(`${sort}-`));
}

/** `path` → which variants the records show: null, value, absent. */
function collectVariants(
  cls: ClassType,
  records: readonly Record<string, unknown>[],
  path: string,
  into: Map<string, Set<string>>,
): void {
  for (const { name, options, of } of fieldsOf(cls)) {
    const values = records.map((record) => record[name]);
    const seen = into.get(`${path}${name}`) ?? new Set<string>();
    into.set(`${path}${name}`, seen);
    for (const value of values) seen.add(value === undefined ? 'absent' : value === null ? 'null' : 'value');
    if (options.optional !== true) seen.add('absent');
    if (options.nullable !== true) seen.add('null');
    const nested = values
      .flat()
      .filter((value): value is Record<string, unknown> => typeof value === 'object' && value !== null);
    if (of !== undefined) collectVariants(of(), nested, `${path}${name}.`, into);
  }
}

describe.each(codecs.map((codec) => [codec.contract.name, codec] as const))('examples of %s', (_, codec) => {
  const folder = folderOf(codec.contract);
  const valid = examplesOf(codec, 'valid');
  const invalid = examplesOf(codec, 'invalid');
  const reasons = readJson(join(folder, 'reasons.json')) as Record<string, DecodeFailure>;

  it(`are at least ${LEAST} valid and ${LEAST} invalid ones, each invalid one with its reason`, () => {
    expect(valid.length).toBeGreaterThanOrEqual(LEAST);
    expect(invalid.length).toBeGreaterThanOrEqual(LEAST);
    expect(Object.keys(reasons).sort()).toEqual([...invalid].sort());
  });

  it.each(valid)('%s decodes and is written back with the same bytes', (file) => {
    const value = Buffer.from(JSON.stringify(readJson(join(folder, file))));
    const decoded = codec.decode({ value, headers: headersOf(codec) });
    if (!decoded.ok) throw new Error(decoded.error.reason);
    const record = codec.encode(decoded.value, { key: 'some-key', source: '/fanin/test' });
    expect(record.value.toString()).toBe(value.toString());
    expect(record.headers).toMatchObject(headersOf(codec));
    expect(record.headers['ce_id']).not.toMatch(/undefined|null/);
    expect(Number.isInteger(record.timestampMs)).toBe(true);
  });

  it.each(invalid)('%s is refused with the reason written beside it', (file) => {
    const decoded = codec.decode({
      value: Buffer.from(JSON.stringify(readJson(join(folder, file)))),
      headers: headersOf(codec),
    });
    expect(decoded).toEqual({ ok: false, error: reasons[file] });
  });

  it('show every field with a value, and as null or left out where that is allowed', () => {
    const variants = new Map<string, Set<string>>();
    collectVariants(
      codec.contract.cls,
      valid.map((file) => readJson(join(folder, file)) as Record<string, unknown>),
      '',
      variants,
    );
    const missing = [...variants].flatMap(([path, seen]) =>
      ['value', 'null', 'absent'].filter((variant) => !seen.has(variant)).map((variant) => `${path} as ${variant}`),
    );
    expect(missing).toEqual([]);
  });
});
