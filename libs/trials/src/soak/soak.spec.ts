import { slopeOf } from '../measure/slope.js';
import { chartOf } from './chart.js';
import { parseOptions } from './options.js';
import type { Sample } from './sampler.js';
import { slopesOf } from './slopes.js';

/** A sample every 5 s of a service at 1,000 messages a second. */
function samplesOf(rssMb: (seconds: number) => number, handles: (seconds: number) => number): readonly Sample[] {
  return Array.from({ length: 60 }, (_, index) => {
    const seconds = index * 5;
    return {
      seconds,
      processes: { core: { rssMb: rssMb(seconds), handles: handles(seconds), cpuPercent: 50 } },
      acknowledged: seconds * 1_000,
      refused: 0,
      unsure: 0,
      behind: { reader: 20 },
      connections: 10,
      tablesMb: 1,
      indexesMb: 1,
      deadRows: 0,
      restlessMb: 2,
    };
  });
}

const tide = (seconds: number): number => 10 * Math.sin(seconds / 7);
const growing = (samples: readonly Sample[]): readonly string[] =>
  slopesOf(samples, ['core'])
    .filter(({ verdict }) => verdict === 'grows')
    .map(({ what }) => what);

describe('soak', () => {
  it('finds the line of least squares and how sure it is', () => {
    const exact = slopeOf([0, 1, 2, 3].map((x) => [x, 2 * x + 1] as const));
    expect(exact).toEqual({ slope: 2, atLeast: 2 });
    const noisy = slopeOf([0, 1, 2, 3].map((x) => [x, x % 2] as const));
    expect(noisy.atLeast).toBeLessThan(0);
    expect(slopeOf([[1, 1]])).toEqual({ slope: 0, atLeast: -Infinity });
  });

  it('is less sure of points that follow one another, and still sees what lies below them', () => {
    const off = (x: number): number => [3, -2, 1, -3, 2, -1][x % 6] ?? 0;
    const line = (steepness: number, wave: (x: number) => number): ReturnType<typeof slopeOf> =>
      slopeOf(Array.from({ length: 300 }, (_, x) => [x, x * steepness + wave(x)] as const));
    const tide = (x: number): number => -3 * Math.cos((x * 3.5 * Math.PI) / 300);
    expect(line(0.05, off).atLeast).toBeGreaterThan(0.045);
    // Tides that end above where they began: no leak, though the line rises.
    expect(line(0, tide).slope).toBeGreaterThan(0.005);
    expect(line(0, tide).atLeast).toBeLessThan(0);
    expect(line(0.1, tide).atLeast).toBeGreaterThan(0.05);
  });

  it('tells a leak and a pile of handles from a heap that comes and goes', () => {
    expect(
      growing(
        samplesOf(
          (at) => 100 + tide(at),
          () => 40,
        ),
      ),
    ).toEqual([]);
    expect(
      growing(
        samplesOf(
          (at) => 100 + tide(at) + at / 10,
          () => 40,
        ),
      ),
    ).toEqual(['RSS of core']);
    expect(
      growing(
        samplesOf(
          () => 100,
          (at) => 40 + Math.floor(at / 30),
        ),
      ),
    ).toEqual(['handles of core']);
  });

  it('tells a database that works more for each message the more it has stored', () => {
    const busy = (percent: (seconds: number) => number): readonly Sample[] =>
      samplesOf(
        () => 100,
        () => 40,
      ).map((sample) => ({
        ...sample,
        processes: { ...sample.processes, postgres: { rssMb: 300, handles: 40, cpuPercent: percent(sample.seconds) } },
      }));
    expect(growing(busy((at) => 60 + tide(at) / 4))).toEqual([]);
    expect(growing(busy((at) => 60 + tide(at) / 4 + (1.6 * at) / 60))).toEqual(['CPU of postgres']);
  });

  it('tells bloat from a table that has found its size', () => {
    const bloated = (mb: (seconds: number) => number): readonly Sample[] =>
      samplesOf(
        () => 100,
        () => 40,
      ).map((sample) => ({ ...sample, restlessMb: mb(sample.seconds) }));
    expect(growing(bloated((at) => 20 + tide(at) / 10))).toEqual([]);
    expect(growing(bloated((at) => 20 + at / 60))).toEqual(['bloat of queues and windows']);
  });

  it('tells a group that falls behind from one that is a little late', () => {
    const late = (records: (seconds: number) => number): readonly Sample[] =>
      samplesOf(
        () => 100,
        () => 40,
      ).map((sample) => ({ ...sample, behind: { early: 3, late: records(sample.seconds) } }));
    expect(growing(late((at) => 500 + 10 * tide(at)))).toEqual([]);
    expect(growing(late((at) => 500 + 15 * at))).toEqual(['records of the group furthest behind']);
  });

  it('does not judge memory by few messages', () => {
    const few = samplesOf(
      (at) => 100 + at / 10,
      () => 40,
    ).map((each) => ({ ...each, acknowledged: each.seconds }));
    expect(slopesOf(few, ['core'])[0]).toMatchObject({ what: 'RSS of core', verdict: 'too_short' });
  });

  it('draws every line, with what is said in it as text', () => {
    const svg = chartOf(
      [
        {
          title: 'a < b',
          lines: {
            one: [
              [0, 1],
              [60, 3],
            ],
            two: [[0, 0]],
          },
        },
      ],
      {
        title: 'Soak & co',
        warmUpSeconds: 10,
      },
    );
    expect(svg).toContain('<svg xmlns');
    expect(svg).toContain('Soak &amp; co');
    expect(svg).toContain('a &lt; b');
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('1:00');
  });

  it('says what is wrong with the command line', () => {
    expect(parseOptions(['--minutes', '2', '--rate', '50'])).toMatchObject({ minutes: 2, rate: 50, form: 'cluster' });
    expect(parseOptions(['--help'])).toBeUndefined();
    expect(() => parseOptions(['--minutes', 'x'])).toThrow('--minutes takes a number above 0, not "x"');
    expect(() => parseOptions(['--form', 'pod'])).toThrow('--form takes cluster or standalone, not "pod"');
    expect(() => parseOptions(['--rat', '3'])).toThrow('--rat');
  });
});
