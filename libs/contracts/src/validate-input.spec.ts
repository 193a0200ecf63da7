import fc from 'fast-check';
import { field } from './fields.js';
import { validateInput, type InputProblem } from './validate-input.js';

class Relay {
  @field.text({ description: 'Host.', example: 'smtp.example.com' })
  host!: string;

  @field.integer({ description: 'Port.', minimum: 1, maximum: 65_535, default: 587 })
  port = 587;

  @field.text({ description: 'Password.', secret: true })
  password!: string;
}

class Settings {
  @field.text({ description: 'Name.', minLength: 2, maxLength: 4, pattern: /^[a-z]+$/ })
  name!: string;

  @field.oneOf(['tls', 'plain'], { description: 'Mode.', optional: true })
  mode?: string;

  @field.boolean({ description: 'Watch.', optional: true, default: true })
  watch = true;

  @field.number({ description: 'Rate.', minimum: 0.5, nullable: true })
  rate!: number | null;

  @field.object(() => Relay, { description: 'Relay.', optional: true })
  relay?: Relay;

  @field.objects(() => Relay, { description: 'More relays.', optional: true, maxItems: 2 })
  relays?: Relay[];

  @field.texts({ description: 'Folders.', optional: true, maxLength: 3, maxItems: 2, example: ['a'] })
  folders?: string[];

  @field.textMap({ description: 'Labels.', optional: true })
  labels?: Record<string, string>;

  @field.time({ description: 'Since.', optional: true, example: '2026-11-21T08:15:30Z' })
  since?: string;
}

const valid = { name: 'abc', rate: 1 };
function problemsOf(plain: unknown): readonly InputProblem[] {
  const result = validateInput(Settings, plain);
  if (result.ok) throw new Error('was accepted');
  return result.problems;
}

describe('validateInput', () => {
  it('gives an instance with the defaults filled in', () => {
    const result = validateInput(Settings, { ...valid, relay: { host: 'h', password: 'p' } });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.value).toBeInstanceOf(Settings);
    expect(result.value.relay).toBeInstanceOf(Relay);
    expect(result.value).toEqual({ ...valid, watch: true, relay: { host: 'h', password: 'p', port: 587 } });
  });

  it('names all problems at once, with path and example, and no value', () => {
    const problems = problemsOf({
      name: 'Secret9',
      rate: 'fast',
      mode: 'magic',
      relay: { host: 5, port: 0, colour: 'red' },
      relays: [
        { host: 'h', password: 'p' },
        { host: 'h', password: 'p', port: 1.5 },
      ],
      folders: ['long folder', 7],
      labels: { a: 1 },
      since: 'yesterday',
    });
    expect(problems).toEqual(
      expect.arrayContaining([
        { path: 'name', message: 'must have at most 4 characters and must match /^[a-z]+$/' },
        { path: 'rate', message: 'must be a number' },
        { path: 'mode', message: 'must be one of tls, plain', example: 'tls' },
        { path: 'relay.host', message: 'must be a text', example: 'smtp.example.com' },
        { path: 'relay.port', message: 'must be at least 1', example: 587 },
        { path: 'relay.password', message: 'is missing', example: '${env:NAME}' },
        { path: 'relay.colour', message: 'is not a known field; known are host, port, password' },
        { path: 'relays[1].port', message: 'must be a whole number', example: 587 },
        { path: 'folders', message: 'must be a list of texts', example: ['a'] },
        { path: 'labels', message: 'must be an object whose values are texts' },
        { path: 'since', message: 'must be a time in ISO 8601, UTC, with a Z', example: '2026-11-21T08:15:30Z' },
      ]),
    );
    expect(problems).toHaveLength(11);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a text', 'name'],
  ])('refuses %s as a whole', (_, plain) => {
    expect(problemsOf(plain)).toEqual([{ path: '', message: 'must be an object' }]);
  });

  it.each([
    ['a text where an object belongs', { relay: 'smtp' }, { path: 'relay', message: 'must be an object' }],
    ['a list where an object belongs', { relay: [] }, { path: 'relay', message: 'must be an object' }],
    ['an object where a list belongs', { relays: {} }, { path: 'relays', message: 'must be a list' }],
    ['a text in a list of objects', { relays: ['smtp'] }, { path: 'relays[0]', message: 'must be an object' }],
    [
      'null where it says nothing',
      { mode: null },
      { path: 'mode', message: 'must be one of tls, plain', example: 'tls' },
    ],
    ['null in place of a default', { watch: null }, { path: 'watch', message: 'must be true or false', example: true }],
    [
      'a list that is too long',
      { folders: ['a', 'b', 'c'] },
      { path: 'folders', message: 'must have at most 2 entries', example: ['a'] },
    ],
  ])('says what is wrong with %s', (_, part, problem) => {
    expect(problemsOf({ ...valid, ...part })).toEqual([problem]);
  });

  it('lets null through where it is declared', () => {
    expect(validateInput(Settings, { ...valid, rate: null }).ok).toBe(true);
  });

  it('reads numbers and booleans from text only when asked to', () => {
    const plain = { name: 'abc', rate: '2.5', watch: 'false' };
    expect(problemsOf(plain).map(({ path }) => path)).toEqual(['watch', 'rate']);
    expect(validateInput(Settings, plain, { fromText: true })).toEqual({
      ok: true,
      value: { name: 'abc', rate: 2.5, watch: false },
    });
    expect(validateInput(Settings, { ...plain, rate: '2,5' }, { fromText: true })).toMatchObject({
      ok: false,
      problems: [{ path: 'rate', message: 'must be a number' }],
    });
  });

  it('takes a class without fields, and only an empty object for it', () => {
    class Empty {}
    expect(validateInput(Empty, {})).toEqual({ ok: true, value: {} });
    expect(validateInput(Empty, { a: 1 })).toMatchObject({ ok: false, problems: [{ path: 'a' }] });
  });

  it('fills a default in that is only declared, each time anew', () => {
    class Lists {
      @field.texts({ description: 'Names.', default: ['a'] })
      names!: string[];
    }
    const [first, second] = [validateInput(Lists, {}), validateInput(Lists, {})];
    if (!first.ok || !second.ok) throw new Error('was refused');
    expect(first.value.names).toEqual(['a']);
    expect(first.value.names).not.toBe(second.value.names);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'calls %s an unknown field, at any depth',
    (key) => {
      const evil = JSON.parse(`{"${key}": {"a": 1}}`) as object;
      const paths = (plain: object): string[] => problemsOf(plain).map(({ path }) => path);
      expect(paths(Object.assign(JSON.parse(`{"${key}": 1, "name": "abc", "rate": 1}`) as object))).toEqual([key]);
      expect(paths({ ...valid, relays: [evil] })).toEqual(expect.arrayContaining([`relays[0].${key}`]));
      expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    },
  );

  it('refuses a list in a list of objects', () => {
    expect(problemsOf({ ...valid, relays: [[{ constructor: null }]] })).toEqual([
      { path: 'relays[0]', message: 'must be an object' },
    ]);
  });

  it('never throws, and always says where', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('name', 'relay', 'relays', 'folders', 'labels', 'host', 'constructor', '__proto__'),
    );
    fc.assert(
      fc.property(fc.object({ maxDepth: 4, key }), (plain) => {
        for (const { path, message } of problemsOf(plain))
          expect(`${path} ${message}`).not.toMatch(/undefined|\[object/);
      }),
      { numRuns: 2000 },
    );
  });
});
