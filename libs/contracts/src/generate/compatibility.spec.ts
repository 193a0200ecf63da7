import type { JsonSchema } from '../json-schema.js';
import { breaksOf } from './compatibility.js';

const released: JsonSchema = {
  $id: 'urn:test:v1',
  title: 'Thing',
  description: 'A thing.',
  type: 'object',
  properties: {
    id: { description: 'Id.', type: 'string', minLength: 1, maxLength: 64, pattern: '^a' },
    kind: { description: 'Kind.', type: 'string', enum: ['a', 'b'] },
    count: { description: 'Count.', type: ['integer', 'null'], minimum: 0, maximum: 9 },
    at: { description: 'When.', type: 'string', format: 'date-time' },
    note: { description: 'Note.', type: 'string' },
    list: {
      description: 'List.',
      type: 'array',
      maxItems: 5,
      items: {
        title: 'Entry',
        type: 'object',
        properties: { name: { description: 'Name.', type: 'string' } },
        required: ['name'],
        additionalProperties: false,
      },
    },
    map: { description: 'Map.', type: 'object', additionalProperties: { type: 'string' } },
  },
  required: ['id', 'kind', 'count', 'at', 'list', 'map'],
  additionalProperties: false,
};

const clone = (schema: JsonSchema): JsonSchema => JSON.parse(JSON.stringify(schema)) as JsonSchema;
type Loose = { [key: string]: Loose } & { properties: Record<string, Loose>; required: string[]; items: Loose };
function changed(edit: (schema: Loose) => void): JsonSchema {
  const copy = clone(released) as unknown as Loose;
  edit(copy);
  return copy as unknown as JsonSchema;
}
const set =
  (path: string, keyword: string, value: unknown) =>
  (schema: Loose): void => {
    Object.assign(schema.properties[path] ?? {}, { [keyword]: value });
  };

describe('breaksOf', () => {
  it('finds none in the same schema', () => {
    expect(breaksOf(released, clone(released))).toEqual([]);
  });

  it.each<[string, (schema: Loose) => void]>([
    [
      'a new optional field',
      (schema) => Object.assign(schema.properties, { extra: { description: 'New.', type: 'string' } }),
    ],
    [
      'a new optional field of an entry',
      (schema) => Object.assign(schema.properties['list']?.items.properties ?? {}, { extra: { type: 'integer' } }),
    ],
    ['a better description', set('id', 'description', 'The id.')],
    ['an example', set('id', 'examples', ['a1'])],
    ['another title', (schema) => Object.assign(schema, { title: 'Better' })],
    ['another order of required fields', (schema) => schema.required.reverse()],
  ])('allows %s', (_, edit) => {
    expect(breaksOf(released, changed(edit))).toEqual([]);
  });

  it.each<[string, (schema: Loose) => void, string[]]>([
    ['a removed optional field', (s) => delete s.properties['note'], ['note: was removed or renamed']],
    [
      'a renamed field',
      (s) => {
        Object.assign(s.properties, { memo: s.properties['note'] });
        delete s.properties['note'];
      },
      ['note: was removed or renamed'],
    ],
    ['another type', set('note', 'type', 'integer'), ['note: type was "string", is "integer"']],
    ['null no longer allowed', set('count', 'type', 'integer'), ['count: type was ["integer","null"], is "integer"']],
    ['null newly allowed', set('note', 'type', ['string', 'null']), ['note: type was "string", is ["string","null"]']],
    ['a shorter enum', set('kind', 'enum', ['a']), ['kind: enum was ["a","b"], is ["a"]']],
    ['a longer enum', set('kind', 'enum', ['a', 'b', 'c']), ['kind: enum was ["a","b"], is ["a","b","c"]']],
    ['a new enum', set('note', 'enum', ['x']), ['note: enum was not set, is ["x"]']],
    ['a lower maximum length', set('id', 'maxLength', 32), ['id: maxLength was 64, is 32']],
    ['a higher maximum length', set('id', 'maxLength', 128), ['id: maxLength was 64, is 128']],
    ['another minimum length', set('id', 'minLength', 2), ['id: minLength was 1, is 2']],
    ['another pattern', set('id', 'pattern', '^b'), ['id: pattern was "^a", is "^b"']],
    ['a bound dropped', (s) => delete s.properties['id']?.['maxLength'], ['id: maxLength was 64, is not set']],
    ['a new bound', set('note', 'maxLength', 10), ['note: maxLength was not set, is 10']],
    ['another minimum', set('count', 'minimum', 1), ['count: minimum was 0, is 1']],
    ['another maximum', set('count', 'maximum', 8), ['count: maximum was 9, is 8']],
    ['another format', set('at', 'format', 'date'), ['at: format was "date-time", is "date"']],
    ['fewer entries', set('list', 'maxItems', 4), ['list: maxItems was 5, is 4']],
    [
      'entries no longer described',
      (s) => delete (s.properties['list'] as Partial<Loose>).items,
      ['list: entries were declared'],
    ],
    [
      'a map of something else',
      set('map', 'additionalProperties', { type: 'integer' }),
      ['map: additionalProperties was {"type":"string"}, is {"type":"integer"}'],
    ],
    [
      'a new required field',
      (s) => {
        Object.assign(s.properties, { extra: { type: 'string' } });
        s.required.push('extra');
      },
      ['extra: is new and required; a new field is optional'],
    ],
    ['an optional field made required', (s) => s.required.push('note'), ['note: was optional, is required']],
    ['a required field made optional', (s) => s.required.splice(0, 1), ['id: was required, is optional']],
    [
      'an open record',
      (s) => delete s['additionalProperties'],
      ['the record: additionalProperties was false, is not set'],
    ],
    [
      'another $id',
      (s) => Object.assign(s, { $id: 'urn:test:v2' }),
      ['the record: $id was "urn:test:v1", is "urn:test:v2"'],
    ],
    [
      'a break inside an entry',
      (s) => s.properties['list']?.items.required.splice(0, 1),
      ['list[].name: was required, is optional'],
    ],
    [
      'a removed field of an entry',
      (s) => delete s.properties['list']?.items.properties['name'],
      ['list[].name: was removed or renamed'],
    ],
    [
      'a keyword never seen before',
      set('note', 'contentEncoding', 'base64'),
      ['note: contentEncoding was not set, is "base64"'],
    ],
  ])('refuses %s', (_, edit, breaks) => {
    expect(breaksOf(released, changed(edit))).toEqual(breaks);
  });
});
