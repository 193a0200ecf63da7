import fc from 'fast-check';
import { validateInput } from '@fanin/contracts';
import { CalendarConfig, createBusinessCalendar, WEEKDAYS } from './index.js';

const STEP_MS = 15 * 60_000;
const DAY_MS = 86_400_000;

/** Moments shortly before clock changes of zones with odd rules, and plain ones. */
const STARTS: readonly (readonly [string, string])[] = [
  ['Europe/Berlin', '2026-03-28T00:00:00Z'],
  ['Europe/Berlin', '2026-10-24T00:00:00Z'],
  ['America/New_York', '2026-10-31T00:00:00Z'],
  ['America/New_York', '2026-03-07T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T00:00:00Z'],
  ['Asia/Kathmandu', '2026-06-10T00:00:00Z'],
  ['America/Havana', '2026-10-31T00:00:00Z'],
  ['Pacific/Apia', '2011-12-28T00:00:00Z'],
  ['UTC', '2028-02-28T00:00:00Z'],
];

/** What the wall clock shows, `2026-03-29 02:30`, asked of another formatter than the one under test. */
function wallOf(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (at) => format.format(at);
}

const minutes = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const span = fc.tuple(minutes, minutes).map(([from, to]) => `${clockOf(from)}-${clockOf(to)}`);

const plan = fc.record({
  start: fc.constantFrom(...STARTS),
  weekly: fc.array(
    fc.record({ days: fc.subarray([...WEEKDAYS], { minLength: 1 }), open: fc.array(span, { maxLength: 3 }) }),
    {
      maxLength: 3,
    },
  ),
  holiday: fc.option(fc.record({ after: fc.integer({ min: 0, max: 3 }), open: fc.array(span, { maxLength: 2 }) })),
});

/**
 * Walks in quarters of an hour (all clock changes of these zones fall on one) and applies the definition: open from the
 * first moment that shows the start or later, until the last moment that showed less than the end has passed.
 */
function bruteForce(config: CalendarConfig, from: number, to: number): Set<number> {
  const wall = wallOf(config.time_zone);
  const moments: { readonly at: number; readonly shows: string }[] = [];
  for (let at = from - 3 * DAY_MS; at < to + 3 * DAY_MS; at += STEP_MS) moments.push({ at, shows: wall(at) });
  const open = new Set<number>();
  for (let day = Date.parse(`${wall(from).slice(0, 10)}T00:00:00Z`) - 2 * DAY_MS; day <= to + DAY_MS; day += DAY_MS) {
    const date = new Date(day).toISOString().slice(0, 10);
    const holiday = config.holidays.find((each) => each.date === date);
    const weekday = WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7];
    const spans =
      holiday?.open ??
      config.weekly.filter(({ days }) => days.some((each) => each === weekday)).flatMap((each) => each.open);
    for (const text of spans) {
      const [start = '', end = ''] = text.split('-');
      const endDate = end > start ? date : new Date(day + DAY_MS).toISOString().slice(0, 10);
      const first = moments.findIndex(({ shows }) => shows >= `${date} ${start}`);
      const last = moments.findLastIndex(({ shows }) => shows < `${endDate} ${end}`);
      if (first >= 0) for (const { at } of moments.slice(first, last + 1)) open.add(at);
    }
  }
  return open;
}

it('agrees with walking through time', () => {
  fc.assert(
    fc.property(plan, ({ start: [time_zone, begin], weekly, holiday }) => {
      const from = Date.parse(begin);
      const to = from + 4 * DAY_MS;
      const holidays =
        holiday === null
          ? []
          : [{ date: new Date(from + holiday.after * DAY_MS).toISOString().slice(0, 10), open: holiday.open }];
      const result = validateInput(CalendarConfig, { time_zone, weekly, holidays });
      if (!result.ok) throw new Error(JSON.stringify(result.problems));
      const calendar = createBusinessCalendar(result.value);
      const expected = bruteForce(result.value, from, to);
      let seconds = 0;
      let opening: number | null = null;
      const wrong: string[] = [];
      for (let at = to; at >= from; at -= STEP_MS) {
        const isOpen = expected.has(at);
        if (isOpen) opening = at;
        if (calendar.isOpen(at) !== isOpen) wrong.push(`isOpen ${new Date(at).toISOString()}`);
        if (opening !== null && calendar.nextOpening(at) !== opening)
          wrong.push(`opening ${new Date(at).toISOString()}`);
        if (at < to && isOpen) seconds += STEP_MS / 1000;
      }
      expect(wrong).toEqual([]);
      expect(calendar.businessSecondsBetween(from, to)).toBe(seconds);
    }),
    { numRuns: 30 },
  );
}, 120_000);

it('adds up, and finds its way back', () => {
  fc.assert(
    fc.property(
      plan,
      fc.integer({ min: 0, max: 400_000 }),
      fc.integer({ min: 0, max: 400_000 }),
      ({ start: [time_zone, begin], weekly }, one, other) => {
        const result = validateInput(CalendarConfig, { time_zone, weekly });
        if (!result.ok) throw new Error(JSON.stringify(result.problems));
        const calendar = createBusinessCalendar(result.value);
        const from = Date.parse(begin);
        const middle = from + one * 1000;
        const to = middle + other * 1000;
        const whole = calendar.businessSecondsBetween(from, to);
        expect(calendar.businessSecondsBetween(from, middle) + calendar.businessSecondsBetween(middle, to)).toBe(whole);
        const after = calendar.afterBusinessSeconds(from, whole);
        if (after !== null) expect(calendar.businessSecondsBetween(from, after)).toBe(whole);
      },
    ),
    { numRuns: 60 },
  );
});
