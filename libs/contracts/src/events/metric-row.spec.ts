import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACTS } from '../contract.js';
import { fieldsOf } from '../fields.js';

/** Reserved in SQL:2016 and in PostgreSQL, MySQL, Snowflake, BigQuery or ClickHouse; a column of such a name needs quoting somewhere. */
const SQL_KEYWORDS = new Set(
  `all alter analyze and any array as asc asof at authorization between binary both by call case cast check collate column
  connect constraint create cross cube current current_date current_time current_timestamp current_user database day default
  delete desc describe distinct drop else end escape except exists explain extract false fetch filter first following for
  foreign from full function grant group grouping groups having hour if ignore ilike in index inner insert intersect interval
  into is join key keys language last lateral leading left like limit localtime localtimestamp loop match merge minus minute
  month natural new no not null nulls of offset old on only option or order out outer over overlaps partition placing
  position preceding precision prewhere primary qualify range rank read recursive references regexp rename repeat replace
  returning revoke right rlike row row_number rows sample schema second select session_user set similar some start status
  symmetric system table tablesample then time timestamp to top trailing treat trigger true union unique unnest update usage
  use user using value values view when where window with within year`
    .split(/\s+/)
    // Not reserved anywhere as a column name, and what people expect the column to be called.
    .filter((word) => word !== 'status'),
);
const FLAT_KINDS = new Set(['text', 'one_of', 'integer', 'number', 'boolean']);
const ROW_FIELDS = [
  'row_id',
  'record_version',
  'is_deleted',
  'definition_version',
  'computed_at',
  'tenant',
  'calendar_id',
  'calendar_version',
];

describe.each([CONTRACTS.ticketFact, CONTRACTS.window])('metric row $name', (contract) => {
  const fields = fieldsOf(contract.cls);
  const named = (pattern: RegExp): typeof fields => fields.filter(({ name }) => pattern.test(name));

  it('is flat: no lists, no objects, no maps', () => {
    expect(fields.filter(({ kind }) => !FLAT_KINDS.has(kind)).map(({ name }) => name)).toEqual([]);
  });

  it('has snake_case names of at most 63 characters, none twice, none an SQL keyword', () => {
    const names = fields.map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || name.length > 63)).toEqual([]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(names.filter((name) => SQL_KEYWORDS.has(name))).toEqual([]);
  });

  it('is always complete: nothing is optional', () => {
    expect(fields.filter(({ options }) => options.optional === true).map(({ name }) => name)).toEqual([]);
  });

  it('carries key, version, deletion, formula and calendar in the value', () => {
    expect(fields.map(({ name }) => name).slice(0, ROW_FIELDS.length)).toEqual(ROW_FIELDS);
    expect(contract.idOf({ row_id: 'k', record_version: 3 } as never)).toBe('k.3');
  });

  it('tells instants as int64 `_at`, and once as ISO text and as a date', () => {
    expect(named(/_at$/).filter(({ kind }) => kind !== 'integer')).toEqual([]);
    expect(fields.filter(({ kind }) => kind === 'time').map(({ name }) => name)).toEqual([]);
    expect(
      fields
        .filter(({ options }) => /epoch milliseconds/.test(options.description))
        .filter(({ name }) => !name.endsWith('_at')),
    ).toEqual([]);
    expect(named(/^(event_time_iso|report_date)$/).map(({ kind }) => kind)).toEqual(['text', 'text']);
  });

  it('tells durations in whole seconds, null while not reached, and counts as whole numbers that are never null', () => {
    const seconds = named(/_seconds(_|$)/);
    expect(seconds.length).toBeGreaterThan(0);
    expect(
      seconds.filter(({ kind, options }) => kind !== 'integer' || options.nullable !== true || options.minimum !== 0),
    ).toEqual([]);
    const counts = named(/_count$|_le_\d+$/);
    expect(counts.length).toBeGreaterThan(0);
    expect(
      counts.filter(({ kind, options }) => kind !== 'integer' || options.nullable === true || options.minimum !== 0),
    ).toEqual([]);
  });

  it('names flags is_…', () => {
    expect(
      fields.filter(({ kind, name }) => (kind === 'boolean') !== /^is_/.test(name)).map(({ name }) => name),
    ).toEqual([]);
  });

  it('holds no text of a message, no address and no name of a person', () => {
    expect(named(/text|subject|html|body|mail|phone|address|(^|_)name$/).map(({ name }) => name)).toEqual([]);
  });

  it('repeats the key and agrees with itself in every example', () => {
    const folder = join(import.meta.dirname, '..', 'examples', contract.name, `v${contract.version}`);
    for (const file of readdirSync(folder).filter((name) => name.startsWith('valid-'))) {
      const row = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>;
      const at = Number(row['window_start_at'] ?? row['created_at']);
      expect(row['event_time_iso']).toBe(new Date(at).toISOString());
      expect(row['report_date']).toBe(new Date(at).toISOString().slice(0, 10));
      if ('ticket_id' in row) expect(row['row_id']).toBe(row['ticket_id']);
      else expect(String(row['row_id']).split('|').slice(0, 2)).toEqual([row['grain'], String(at)]);
    }
  });
});
