import { compareIds, isId, Snowflakes } from './ids.js';

describe('ids of X', () => {
  it('grow with time, in the order they were asked for', () => {
    const ids = new Snowflakes();
    const made = [1_000, 1_000, 1_001].map((ms) => ids.at(1_763_800_000_000 + ms));
    expect([...made].sort(compareIds)).toEqual(made);
    expect(new Set(made).size).toBe(3);
    expect(made.every(isId)).toBe(true);
  });

  it('stay unique when one millisecond is full', () => {
    const ids = new Snowflakes();
    const made = Array.from({ length: 5000 }, () => ids.at(1_763_800_000_000));
    expect(new Set(made).size).toBe(5000);
    expect([...made].sort(compareIds)).toEqual(made);
  });

  it('hold the moment that a known post was made', () => {
    // The post 1050118621198921728 of developer.x.com's examples was made at 2018-10-10T20:19:24.000Z.
    const ms = Number((1_050_118_621_198_921_728n >> 22n) + 1_288_834_974_657n);
    expect(new Date(ms).toISOString().slice(0, 19)).toBe('2018-10-10T20:19:24');
    const made = new Snowflakes().at(ms);
    expect(BigInt(made) >> 22n).toBe(1_050_118_621_198_921_728n >> 22n);
  });

  it('are compared by length first: an older, shorter id is smaller', () => {
    expect(compareIds('99', '100')).toBeLessThan(0);
    expect(compareIds('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
  });
});
