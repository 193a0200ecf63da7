import { isSurelyMixed } from './mixed.js';

const event = (from: string, text = 'x'): unknown => ({
  sender: { id: from },
  recipient: { id: '1' },
  message: { text },
});
const body = (...events: unknown[]): Buffer =>
  Buffer.from(JSON.stringify({ object: 'page', entry: [{ id: '1', messaging: events }] }));

describe('a body seen from outside', () => {
  it('is surely mixed with two customers, and not with one, whatever that one writes', () => {
    expect(isSurelyMixed(body(event('71'), event('72')))).toBe(true);
    const words = JSON.stringify(event('99')) + JSON.stringify(event('98'));
    expect(isSurelyMixed(body(event('71', words), event('71')))).toBe(false);
    expect(isSurelyMixed(Buffer.from('not JSON'))).toBe(false);
  });
});
