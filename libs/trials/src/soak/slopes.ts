import { slopeOf } from '../measure/slope.js';
import { furthestBehind, type Sample } from './sampler.js';

export interface SlopeFinding {
  readonly what: string;
  readonly slope: number;
  /** As sure as the points allow, it grows by at least so much. */
  readonly atLeast: number;
  readonly limit: number;
  readonly unit: string;
  /**
   * `grows`: surely by more than the limit. `unsure`: the line rises by more, the points do not bear it out. `too_short`: what was
   * done is too little to tell a leak from a heap that fills.
   */
  readonly verdict: 'ok' | 'grows' | 'unsure' | 'too_short';
}

/** Growth that is let pass. RSS by what was done, the rest by time. */
const LIMITS = {
  rssMbPer100k: 1,
  handlesPerMinute: 0.5,
  connectionsPerMinute: 0.2,
  restlessMbPerMinute: 0.5,
  cpuPerMinute: 0.5,
};

/** A heap fills and is swept: with fewer messages its tides are larger than the leak that is looked for. */
const LEAST_MESSAGES = 50_000;

/** Of the samples after the warm-up. */
export function slopesOf(samples: readonly Sample[], ours: readonly string[]): readonly SlopeFinding[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return [];
  const messages = last.acknowledged - first.acknowledged;
  const rate = messages / (last.seconds - first.seconds);
  const finding = (
    what: string,
    unit: string,
    limit: number,
    point: (sample: Sample) => readonly [number, number],
  ): SlopeFinding => {
    const { slope, atLeast } = slopeOf(samples.map(point));
    const verdict = atLeast > limit ? 'grows' : slope > limit ? 'unsure' : 'ok';
    return { what, slope, atLeast, limit, unit, verdict };
  };
  const memory = (found: SlopeFinding): SlopeFinding =>
    messages < LEAST_MESSAGES ? { ...found, verdict: 'too_short' } : found;
  return [
    ...ours.map((name) =>
      memory(
        finding(`RSS of ${name}`, 'MB per 100,000 messages', LIMITS.rssMbPer100k, (sample) => [
          sample.acknowledged / 100_000,
          sample.processes[name]?.rssMb ?? 0,
        ]),
      ),
    ),
    ...ours.map((name) =>
      finding(`handles of ${name}`, 'a minute', LIMITS.handlesPerMinute, (sample) => [
        sample.seconds / 60,
        sample.processes[name]?.handles ?? 0,
      ]),
    ),
    ...[...ours, 'postgres'].map((name) =>
      finding(`CPU of ${name}`, '% of a core a minute', LIMITS.cpuPerMinute, (sample) => [
        sample.seconds / 60,
        sample.processes[name]?.cpuPercent ?? 0,
      ]),
    ),
    finding('connections to PostgreSQL', 'a minute', LIMITS.connectionsPerMinute, (sample) => [
      sample.seconds / 60,
      sample.connections,
    ]),
    finding('bloat of queues and windows', 'MB a minute', LIMITS.restlessMbPerMinute, (sample) => [
      sample.seconds / 60,
      sample.restlessMb,
    ]),
    // One message in a hundred that is left behind makes a backlog without end.
    finding('records of the group furthest behind', 'a second', Math.max(0.5, rate / 100), (sample) => [
      sample.seconds,
      furthestBehind(sample).records,
    ]),
  ];
}
