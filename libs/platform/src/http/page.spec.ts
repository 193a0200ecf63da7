import { field } from '@fanin/contracts';
import { INSTANT, readCursor, readQuery, writeCursor } from './page.js';
import { ProblemException } from './problem.js';

class Span {
  @field.text({ description: 'At or after.', optional: true, pattern: INSTANT })
  from?: string;
}

const problemsOf = (action: () => unknown): readonly string[] => {
  try {
    action();
  } catch (error) {
    if (error instanceof ProblemException) return error.extras.problems?.map(({ path }) => path) ?? [];
  }
  return [];
};

describe('query strings of lists', () => {
  it.each(['2026-11-21', '2028-02-29', '2026-11-21T08:15Z', '2026-11-21T08:15:30.120+01:00'])('take %s', (from) => {
    expect(readQuery(Span, { from }, ['from'])).toEqual({ from });
  });

  it.each([
    '2026-02-31',
    '2027-02-29',
    '2026-13-01',
    '2026-00-10',
    '0000-01-01',
    '2026-11-21T25:00Z',
    '2026-11-21T08:15+99:99',
  ])('refuse %s, which does not exist', (from) => {
    expect(problemsOf(() => readQuery(Span, { from }, ['from']))).toEqual(['from']);
  });

  it('read the cursor of their own list only', () => {
    const shape = [/^\d+$/, /^[a-z]+$/];
    expect(readCursor(undefined, shape)).toBeUndefined();
    expect(readCursor(writeCursor(['7', 'a']), shape)).toEqual(['7', 'a']);
    for (const cursor of [writeCursor(['7']), writeCursor(['x', 'a']), writeCursor(['7', 'a', 'b']), 'bnVsbA', '!'])
      expect(problemsOf(() => readCursor(cursor, shape))).toEqual(['cursor']);
  });
});
