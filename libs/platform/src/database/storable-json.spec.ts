import { storableJson } from './storable-json.js';

describe('storableJson', () => {
  it('leaves out what PostgreSQL cannot hold, in keys and values, and nothing else', () => {
    const odd = {
      'k\u0000\ud800': ['a\u0000b', 'cut \ud83d', '\udfff', 'whole 😀', 'line\n\u001b "quoted"', '\\u0000', '\\\ud800'],
    };
    expect(JSON.parse(storableJson(odd))).toEqual({
      'k\ufffd': ['ab', 'cut \ufffd', '\ufffd', 'whole 😀', 'line\n\u001b "quoted"', '\\u0000', '\\\ufffd'],
    });
    expect(storableJson({ a: 'plain' })).toBe('{"a":"plain"}');
    expect(storableJson(null)).toBe('null');
  });
});
