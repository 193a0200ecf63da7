import fc from 'fast-check';
import type { Json } from '../wire/json.js';
import { elementSlices, fieldSlices, withElements } from './entry-slices.js';
import { splitByOwner } from './split.js';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const parsed = (json: Buffer): unknown => JSON.parse(json.toString('utf8'));

describe('slices of a body', () => {
  it('are what JSON.parse sees, for any JSON and any spacing', () => {
    const any = fc.tuple(fc.array(fc.jsonValue()), fc.jsonValue(), fc.string(), fc.constantFrom(0, 1, 2, '\t'));
    fc.assert(
      fc.property(any, ([entries, other, key, space]) => {
        const body = Buffer.from(JSON.stringify({ [`x${key}`]: other, entry: entries, after: [other] }, null, space));
        expect(elementSlices(body, 'entry').map(parsed)).toEqual(parsed(bytes(entries)));
        expect(fieldSlices(body).map(([name]) => name)).toEqual([`x${key}`, 'entry', 'after']);
      }),
      { numRuns: 300 },
    );
  });

  it('take the last of a field that stands twice, as JSON.parse does', () => {
    const body = Buffer.from('{"entry":[1,2],"entry" : [ 3 , "]," ]}');
    expect(elementSlices(body, 'entry').map(parsed)).toEqual([3, '],']);
  });

  it('keep every byte of what stays', () => {
    const body = Buffer.from('{"object":"p\\u0061ge","entry":[{"id":"1","t":"\\u00e4 1e3"},{"id":"2"}]}');
    expect(withElements(body, 'entry', [elementSlices(body, 'entry')[0] ?? body]).toString()).toBe(
      '{"object":"p\\u0061ge","entry":[{"id":"1","t":"\\u00e4 1e3"}]}',
    );
  });
});

describe('a delivery of several accounts', () => {
  const owner = (part: Json): string | undefined =>
    ['a', 'b'].includes(String(part['id'])) ? String(part['id']) : undefined;

  it('is left alone when it is one’s own', () => {
    const envelope = { object: 'page', entry: [{ id: 'a' }, { id: 'stranger' }, 7] };
    expect(splitByOwner(bytes(envelope), envelope, 'a', owner, undefined)).toBeUndefined();
  });

  it('is cut so that nothing is lost, nothing twice, and nobody sees another’s', () => {
    const entry = fc.record({ id: fc.constantFrom('a', 'b', 'c'), said: fc.string() });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), (entries) => {
        const envelope = { object: 'page', entry: entries };
        const shares = splitByOwner(bytes(envelope), envelope, 'a', owner, undefined) ?? [
          { account: 'a', body: bytes(envelope), entries },
        ];
        for (const { account, body, entries: kept } of shares) {
          const mine = entries.filter((each) => (owner(each) ?? 'a') === account);
          expect(kept).toEqual(mine);
          expect(parsed(body)).toEqual({ object: 'page', entry: mine });
        }
        expect(shares.reduce((sum, share) => sum + share.entries.length, 0)).toBe(entries.length);
      }),
    );
  });

  it('is cut within an entry where its changes have owners of their own', () => {
    const entry = {
      id: 'waba',
      changes: [
        { id: 'a', n: 1 },
        { id: 'b', n: 2 },
        { id: 'a', n: 3 },
      ],
    };
    const envelope = { object: 'w', entry: [entry, { id: 'empty', changes: [] }] };
    const shares = splitByOwner(bytes(envelope), envelope, 'a', owner, 'changes') ?? [];
    expect(shares.map(({ account, body }) => [account, parsed(body)])).toEqual([
      [
        'a',
        {
          object: 'w',
          entry: [
            {
              id: 'waba',
              changes: [
                { id: 'a', n: 1 },
                { id: 'a', n: 3 },
              ],
            },
            { id: 'empty', changes: [] },
          ],
        },
      ],
      ['b', { object: 'w', entry: [{ id: 'waba', changes: [{ id: 'b', n: 2 }] }] }],
    ]);
  });
});
