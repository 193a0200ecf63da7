import { formatBytes, formatCount, formatDuration, plural } from './duration.js';
import { formatAgo, formatExactTime, formatTime, isoOf } from './time.js';
import { flagWords, humanise, threadingWords } from './words.js';

describe('durations', () => {
  it.each([
    [null, '–'],
    [undefined, '–'],
    [Number.NaN, '–'],
    [-1, '–'],
    [0, '0 s'],
    [45, '45 s'],
    [59, '59 s'],
    [60, '1 min'],
    [89, '1 min'],
    [91, '2 min'],
    [720, '12 min'],
    [3_569, '59 min'],
    [3_599, '1 h 00 min'],
    [11_100, '3 h 05 min'],
    [86_399, '1 d'],
    [86_400, '1 d'],
    [187_200, '2 d 4 h'],
  ])('shows %p as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('counts and sizes', () => {
  it('tells nothing from zero', () => {
    expect([formatCount(null), formatCount(0), formatCount(12_345)]).toEqual(['–', '0', '12,345']);
  });
  it('puts words in the plural', () => {
    expect([plural(1, 'reply', 'replies'), plural(0, 'reply', 'replies'), plural(2, 'ticket')]).toEqual([
      '1 reply',
      '0 replies',
      '2 tickets',
    ]);
  });
  it('rounds sizes', () => {
    expect([formatBytes(999), formatBytes(1_000), formatBytes(48_201), formatBytes(9_990_000)]).toEqual([
      '999 B',
      '1.0 kB',
      '48 kB',
      '10 MB',
    ]);
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  it.each([
    ['2026-11-21T11:59:55Z', 'just now'],
    ['2026-11-21T11:59:20Z', '40 s ago'],
    ['2026-11-21T11:55:00Z', '5 min ago'],
    ['2026-11-21T09:00:00Z', '3 h ago'],
    ['2026-11-19T12:00:00Z', '2 d ago'],
    ['2026-11-21T12:00:30Z', 'in 30 s'],
    ['nonsense', '–'],
    [null, '–'],
  ])('shows %p as %s', (at, text) => {
    expect(formatAgo(at, now)).toBe(text);
  });
  it('leaves out what is the same year and never invents a time', () => {
    expect(formatTime('2026-11-20T12:00:00Z', now)).not.toMatch('2026');
    expect(formatTime('2025-11-20T12:00:00Z', now)).toMatch('2025');
    expect([formatTime(null, now), formatExactTime('x'), isoOf(null)]).toEqual(['–', '–', '']);
  });
});

describe('words', () => {
  it('says what it knows and shows the name of what it does not', () => {
    expect(threadingWords('reply_token')).toBe('joined by reply address');
    expect(threadingWords('a_new_rule')).toBe('joined by a new rule');
    expect([flagWords('charset_guessed'), flagWords('odd_thing'), humanise('auto_reply'), humanise('')]).toEqual([
      'character set guessed',
      'odd thing',
      'Auto reply',
      '',
    ]);
  });
});
