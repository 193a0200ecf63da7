import { validateInput } from '@fanin/contracts';
import { createBusinessCalendar, CalendarConfig, type BusinessCalendar } from './index.js';

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function calendarOf(plain: Record<string, unknown>): BusinessCalendar {
  const result = validateInput(CalendarConfig, plain);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return createBusinessCalendar(result.value);
}

const daily = (time_zone: string, ...open: string[]): BusinessCalendar =>
  calendarOf({ time_zone, weekly: [{ days: WEEK, open }] });
const at = (iso: string): number => Date.parse(iso);
const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
const hoursBetween = (calendar: BusinessCalendar, from: string, to: string): number =>
  calendar.businessSecondsBetween(at(from), at(to)) / 3600;

describe('hours of a week', () => {
  const shop = calendarOf({
    time_zone: 'Europe/Berlin',
    weekly: [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], open: ['09:00-12:30', '13:30-18:00'] },
      { days: ['sat'], open: ['22:00-02:00'] },
    ],
    holidays: [
      { date: '12-25', name: 'Christmas Day' },
      { date: '2026-12-24', open: ['09:00-12:00'] },
      { date: '2027-12-25', open: ['10:00-11:00'] },
    ],
  });

  it.each([
    ['2026-11-23T07:59:59.999Z', false],
    ['2026-11-23T08:00:00Z', true],
    ['2026-11-23T11:29:59.999Z', true],
    ['2026-11-23T11:30:00Z', false],
    ['2026-11-23T12:30:00Z', true],
    ['2026-11-23T17:00:00Z', false],
    ['2026-11-21T21:00:00Z', true],
    ['2026-11-22T00:59:59Z', true],
    ['2026-11-22T01:00:00Z', false],
    ['2026-12-24T10:59:00Z', true],
    ['2026-12-24T11:00:00Z', false],
    ['2026-12-25T10:00:00Z', false],
    ['2027-12-25T09:30:00Z', true],
  ])('at %s open: %s', (time, open) => expect(shop.isOpen(at(time))).toBe(open));

  it.each([
    ['2026-11-23T09:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T11:40:00Z', '2026-11-23T12:30:00.000Z'],
    ['2026-11-20T17:00:00Z', '2026-11-21T21:00:00.000Z'],
    ['2026-12-24T11:00:00Z', '2026-12-26T21:00:00.000Z'],
  ])('after %s opens at %s', (time, opening) => expect(iso(shop.nextOpening(at(time)))).toBe(opening));

  it('counts open time', () => {
    expect(hoursBetween(shop, '2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z')).toBe(8);
    expect(hoursBetween(shop, '2026-11-23T10:00:00Z', '2026-11-23T13:00:00Z')).toBe(2);
    expect(hoursBetween(shop, '2026-11-24T00:00:00Z', '2026-11-23T00:00:00Z')).toBe(0);
    expect(hoursBetween(shop, '2026-12-24T00:00:00Z', '2026-12-28T00:00:00Z')).toBe(3 + 4);
  });
  it('finds the end of open time', () => {
    expect(iso(shop.afterBusinessSeconds(at('2026-11-23T11:00:00Z'), 3600))).toBe('2026-11-23T13:00:00.000Z');
    expect(iso(shop.afterBusinessSeconds(at('2026-11-20T16:30:00Z'), 3600))).toBe('2026-11-21T21:30:00.000Z');
  });
  it('counts twenty years in no time', () => {
    const begin = performance.now();
    expect(hoursBetween(shop, '2026-01-01T00:00:00Z', '2046-01-01T00:00:00Z')).toBeGreaterThan(40_000);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('clock changes', () => {
  it.each([
    // zone, hours, a moment, the opening and the closing around it, hours open in those two days
    ['Europe/Berlin', '00:00-24:00', '2026-03-29T00:30:00Z', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '00:00-24:00', '2026-10-25T00:30:00Z', '2026-10-24T22:00:00.000Z', 25],
    ['America/New_York', '00:00-24:00', '2026-03-08T12:00:00Z', '2026-03-08T05:00:00.000Z', 23],
    ['America/New_York', '00:00-24:00', '2026-11-01T12:00:00Z', '2026-11-01T04:00:00.000Z', 25],
    ['Australia/Lord_Howe', '00:00-24:00', '2026-04-04T20:00:00Z', '2026-04-04T13:00:00.000Z', 24.5],
    ['Australia/Lord_Howe', '00:00-24:00', '2026-10-03T20:00:00Z', '2026-10-03T13:30:00.000Z', 23.5],
    ['Asia/Kathmandu', '00:00-24:00', '2026-03-29T12:00:00Z', '2026-03-28T18:15:00.000Z', 24],
  ])('%s %s around %s: the day has %s and %d hours', (zone, hours, moment, midnight, length) => {
    const day = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short' }).format(at(moment)).toLowerCase();
    const calendar = calendarOf({ time_zone: zone, weekly: [{ days: [day], open: [hours] }] });
    expect(iso(calendar.nextOpening(at(moment) - 3 * 86_400_000))).toBe(midnight);
    expect(calendar.businessSecondsBetween(at(midnight) - 7200_000, at(midnight) + 2 * 86_400_000) / 3600).toBe(length);
  });

  it('opens at the change when the hour of opening is skipped', () => {
    // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    const calendar = daily('Europe/Berlin', '02:30-04:00');
    expect(iso(calendar.nextOpening(at('2026-03-29T00:00:00Z')))).toBe('2026-03-29T01:00:00.000Z');
    expect(hoursBetween(calendar, '2026-03-29T00:00:00Z', '2026-03-29T06:00:00Z')).toBe(1);
    expect(hoursBetween(daily('Europe/Berlin', '02:10-02:50'), '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')).toBe(0);
  });
  it('opens the first time and closes the last time that the clock shows it', () => {
    // New York, 1 November 2026: 01:00 to 02:00 comes at 05:00 UTC and again at 06:00 UTC.
    const calendar = daily('America/New_York', '01:30-01:45');
    expect(iso(calendar.nextOpening(at('2026-11-01T04:30:00Z')))).toBe('2026-11-01T05:30:00.000Z');
    expect(calendar.isOpen(at('2026-11-01T06:44:00Z'))).toBe(true);
    expect(calendar.isOpen(at('2026-11-01T06:45:00Z'))).toBe(false);
  });
  it('leaves no hole between two spans that meet in the hour that comes twice', () => {
    const calendar = daily('Europe/Berlin', '00:00-02:30', '02:30-05:00');
    expect(hoursBetween(calendar, '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z')).toBe(6);
  });
  it('goes over the day that Samoa left out', () => {
    const calendar = daily('Pacific/Apia', '09:00-10:00');
    // The 29th, the 31st and the 1st: there was no 30th.
    expect(hoursBetween(calendar, '2011-12-29T00:00:00Z', '2012-01-01T00:00:00Z')).toBe(3);
  });
});

describe('a configuration that cannot be meant', () => {
  it.each([
    [{ time_zone: 'Europe/Berlino', weekly: [] }, 'no IANA time zone'],
    [{ time_zone: 'Europe/Berlin', weekly: [], holidays: [{ date: '2026-02-29' }] }, 'there is no date 2026-02-29'],
    [{ time_zone: 'Europe/Berlin', weekly: [], holidays: [{ date: '05-01' }, { date: '05-01' }] }, 'twice'],
  ])('%j is refused', (plain, message) => expect(() => calendarOf(plain)).toThrow(message));

  it.each([
    [{ time_zone: 'Europe/Berlin', weekly: [{ days: ['monday'], open: ['09:00-17:00'] }] }],
    [{ time_zone: 'Europe/Berlin', weekly: [{ days: ['mon'], open: ['9-17'] }] }],
    [{ time_zone: 'Europe/Berlin', weekly: [{ days: ['mon'], open: ['09:00-24:30'] }] }],
  ])('%j is refused by its fields', (plain) => expect(validateInput(CalendarConfig, plain).ok).toBe(false));

  it('never opens when no day has hours', () => {
    const calendar = calendarOf({ time_zone: 'UTC', weekly: [] });
    expect(calendar.nextOpening(0)).toBeNull();
    expect(calendar.afterBusinessSeconds(0, 1)).toBeNull();
    expect(calendar.isOpen(0)).toBe(false);
  });
});
