import { weightOf } from './text.js';

describe('the length of a text at X', () => {
  it.each([
    ['hello', 5],
    ['Grüße', 5],
    ['日本', 4],
    ['☕', 2],
    [`see https://example.com/${'long'.repeat(50)}`, 27],
  ])('%s', (text, weight) => expect(weightOf(text)).toBe(weight));
});
