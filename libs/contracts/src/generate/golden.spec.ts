import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { artifactsOf } from './artifacts.js';
import { breaksAgainstBaseline, unreleased } from './baseline.js';
import { brokenPromises, readExamples } from './example-manifest.js';
import { contractsList, routeBreaks, routesOf, schemaFile } from './registry.js';
import { readManifest, update } from './update.js';

const folder = resolve(import.meta.dirname, '..', '..');
const examples = join(folder, 'src', 'examples');
const HINT = 'run `npm run contracts:update`';

describe('generated files', () => {
  it(`are committed as the contracts make them (else ${HINT})`, async () => {
    for (const { path, text } of await artifactsOf(folder)) {
      expect({ path, text: readFileSync(join(folder, path), 'utf8') }).toEqual({ path, text });
    }
  });

  it('include no schema without a contract', () => {
    expect(readdirSync(join(folder, 'src', 'schemas')).sort()).toEqual(contractsList().map(schemaFile).sort());
  });
});

describe('compatibility', () => {
  it('keeps every released version', () => {
    expect(breaksAgainstBaseline(folder)).toEqual([]);
  });

  it(`guards every contract (a new one enters with ${HINT} -- --release)`, () => {
    expect(unreleased(folder)).toEqual([]);
  });

  it('refuses another topic, type, key, partition count or clean-up, and a contract that is gone', () => {
    const released = routesOf(contractsList());
    const { ['fate.v1']: fate, ...rest } = released;
    if (fate === undefined) throw new Error('no fate contract');
    expect(routeBreaks(released, released)).toEqual([]);
    expect(routeBreaks(released, rest)).toEqual(['fate.v1: was removed; a version leaves only by a recorded decision']);
    for (const [field, value] of Object.entries({
      type: 'x',
      topic: 'x',
      key: 'x',
      partitions: 99,
      cleanup: 'compact',
    })) {
      expect(routeBreaks(released, { ...rest, 'fate.v1': { ...fate, [field]: value } })).toEqual([
        expect.stringContaining(`fate.v1: ${field} was `),
      ]);
    }
  });
});

describe('committed examples', () => {
  it(`are all in the manifest (else ${HINT}), none edited, none deleted`, () => {
    const present = readExamples(examples);
    expect(brokenPromises(readManifest(examples), present)).toEqual([]);
    expect(present).toEqual(readManifest(examples));
  });

  it('may not be edited or deleted, even in one value', () => {
    const present = readExamples(examples);
    const path = 'fate/v1/valid-accepted.json';
    const { [path]: hash, ...others } = present;
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(brokenPromises(present, others)).toEqual([
      `${path}: was deleted; committed examples stay as they are, add another one`,
    ]);
    expect(brokenPromises(present, { ...others, [path]: '0' })).toEqual([
      `${path}: was edited; committed examples stay as they are, add another one`,
    ]);
    expect(brokenPromises(present, { ...present, 'fate/v1/valid-new.json': '0' })).toEqual([]);
  });
});

describe('update', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'fanin-contracts-'));
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, '.prettierrc.json'), readFileSync(join(folder, '..', '..', '.prettierrc.json')));
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  it('writes nothing when everything is current', async () => {
    expect(await update(copy, { release: false })).toEqual({ written: [], refused: [] });
  });

  it('mends generated files and takes new examples in', async () => {
    writeFileSync(join(copy, 'src/schemas/fate.v1.schema.json'), '{}');
    cpSync(
      join(copy, 'src/examples/fate/v1/valid-accepted.json'),
      join(copy, 'src/examples/fate/v1/valid-another.json'),
    );
    expect((await update(copy, { release: false })).written).toEqual([
      'src/schemas/fate.v1.schema.json',
      'src/examples/manifest.json',
    ]);
    expect(readManifest(join(copy, 'src/examples'))).toHaveProperty(['fate/v1/valid-another.json']);
  });

  it('refuses a break and an edited example, and writes nothing then', async () => {
    const baseline = join(copy, 'src/baseline/fate.v1.schema.json');
    writeFileSync(baseline, readFileSync(baseline, 'utf8').replace('"maxLength": 500', '"maxLength": 400'));
    const example = join(copy, 'src/examples/fate/v1/valid-accepted.json');
    writeFileSync(example, readFileSync(example, 'utf8').replace('"default"', '"other"'));
    writeFileSync(join(copy, 'src/schemas/fate.v1.schema.json'), '{}');
    expect(await update(copy, { release: true })).toEqual({
      written: [],
      refused: [
        'fate.v1: evidence: maxLength was 400, is 500',
        'fate/v1/valid-accepted.json: was edited; committed examples stay as they are, add another one',
      ],
    });
    expect(readFileSync(join(copy, 'src/schemas/fate.v1.schema.json'), 'utf8')).toBe('{}');
  });
});
