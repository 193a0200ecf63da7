import type { CalendarConfig } from './calendar-config.js';
import { dateOf, nextDate, WallClock } from './wall-clock.js';
import { WeekPlan } from './week-plan.js';

/** All moments are epoch milliseconds. */
export interface BusinessCalendar {
  readonly timeZone: string;
  isOpen(at: number): boolean;
  /** The first open moment at or after `at`; null when there is none within two years. */
  nextOpening(at: number): number | null;
  /** Open time between two moments, in whole seconds (rounded down); 0 when `to` is not after `from`. */
  businessSecondsBetween(from: number, to: number): number;
  /** The moment at which `seconds` of open time have passed since `from`; null when that is not within two years. */
  afterBusinessSeconds(from: number, seconds: number): number | null;
}

/** Open from `start` until just before `end`. */
interface Interval {
  readonly start: number;
  readonly end: number;
}

const LOOK_AHEAD_MS = 732 * 86_400_000;
const FURTHEST_OFFSET_MS = 26 * 3_600_000;
/** Dates whose intervals are kept: a year of a window that moves. */
const KEPT_DATES = 400;

/**
 * Business hours in a zone. A span opens the first time that the wall clock shows its start or later, and closes the last
 * time that the clock has shown less than its end: an hour that comes twice in autumn is open throughout, one that is
 * skipped in spring has no length. Pure but for a cache. CONFIG for a zone or date that does not exist.
 */
export function createBusinessCalendar(config: CalendarConfig): BusinessCalendar {
  const clock = new WallClock(config.time_zone);
  const plan = new WeekPlan(config);
  const kept = new Map<number, readonly Interval[]>();

  function intervalsOf(date: number): readonly Interval[] {
    const known = kept.get(date);
    if (known !== undefined) return known;
    const intervals = plan
      .spansOn(date)
      .map(({ start, end }) => ({ start: clock.firstAt(date + start), end: clock.lastAt(date + end) }))
      .filter(({ start, end }) => end > start);
    if (kept.size >= KEPT_DATES) kept.clear();
    kept.set(date, intervals);
    return intervals;
  }

  /** Open intervals from `at` on, merged, ascending; all that begin before `until`. */
  function* openFrom(at: number, until = at + LOOK_AHEAD_MS): Generator<Interval> {
    if (plan.isEmpty) return;
    const last = nextDate(dateOf(clock.wallAt(until)));
    let waiting: Interval[] = [];
    // A span is at most a day long, and a day that a zone skipped may lie between: two dates back suffice.
    for (let date = nextDate(dateOf(clock.wallAt(at)), -2); date <= last; date = nextDate(date)) {
      // No zone is further from UTC: what begins on this date or later begins after that moment.
      const settled = date - FURTHEST_OFFSET_MS;
      const done = waiting.filter(({ end }) => end < settled);
      yield* done.filter(({ end }) => end > at);
      waiting = merged([...waiting.filter(({ end }) => end >= settled), ...intervalsOf(date)]);
    }
    yield* waiting.filter(({ end }) => end > at);
  }

  return {
    timeZone: clock.timeZone,
    isOpen: (at) => {
      const date = dateOf(clock.wallAt(at));
      return [-2, -1, 0].some((days) =>
        intervalsOf(nextDate(date, days)).some(({ start, end }) => start <= at && at < end),
      );
    },
    nextOpening: (at) => {
      for (const { start } of openFrom(at)) return Math.max(start, at);
      return null;
    },
    businessSecondsBetween: (from, to) => {
      let open = 0;
      if (to > from)
        for (const { start, end } of openFrom(from, to)) {
          if (start >= to) break;
          open += Math.min(end, to) - Math.max(start, from);
        }
      return Math.floor(open / 1000);
    },
    afterBusinessSeconds: (from, seconds) => {
      let left = seconds * 1000;
      for (const { start, end } of openFrom(from)) {
        const begin = Math.max(start, from);
        if (end - begin >= left) return begin + left;
        left -= end - begin;
      }
      return null;
    },
  };
}

function merged(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((one, other) => one.start - other.start);
  const result: Interval[] = [];
  for (const interval of sorted) {
    const last = result.at(-1);
    if (last !== undefined && interval.start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, interval.end) };
    else result.push(interval);
  }
  return result;
}
