import { createCrashPoints, CRASH_POINTS, noCrashPoints } from './crash-points.js';

describe('crash points', () => {
  const lines: string[] = [];
  const die = (line: string): void => void lines.push(line);

  beforeEach(() => lines.splice(0));

  it('are nothing at all without a wish', () => {
    expect(createCrashPoints(undefined, die)).toBe(noCrashPoints);
    expect(createCrashPoints('', die)).toBe(noCrashPoints);
    noCrashPoints.at('deliver.sent');
    expect(lines).toEqual([]);
  });

  it('die where they are told to, and tell where that was', () => {
    const points = createCrashPoints('deliver.sent', die);
    points.at('deliver.taken');
    expect(lines).toEqual([]);
    points.at('deliver.sent');
    expect(lines).toEqual([`crash point deliver.sent:1 reached: ${CRASH_POINTS['deliver.sent']}`]);
  });

  it('die at the n-th passing, once', () => {
    const points = createCrashPoints('migration.statement:3', die);
    for (let i = 0; i < 5; i += 1) points.at('migration.statement');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('migration.statement:3');
  });

  it.each(['deliver', 'deliver.sent:0', 'deliver.sent:x', 'deliver.sent:1:2', 'toString', ':1', 'deliver.sent:'])(
    'refuse "%s" and list what there is',
    (wish) => {
      expect(() => createCrashPoints(wish, die)).toThrow(
        expect.objectContaining({
          code: 'CONFIG',
          message: expect.stringMatching(/no crash point.*outbox\.published/s),
        }),
      );
    },
  );
});
