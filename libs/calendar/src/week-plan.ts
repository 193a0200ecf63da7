import { FaninError } from '@fanin/kernel';
import { WEEKDAYS, type CalendarConfig } from './calendar-config.js';
import { timeOfDay } from './wall-clock.js';

/** A span of a date, in milliseconds from its midnight by the wall clock; the end may lie on the next date. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const DAY_MS = 86_400_000;

/** Says which hours a date has. */
export class WeekPlan {
  private readonly weekly: readonly (readonly Span[])[];
  private readonly dated: ReadonlyMap<string, readonly Span[]>;

  /** CONFIG when a date does not exist or is named twice. */
  constructor(config: CalendarConfig) {
    this.weekly = WEEKDAYS.map((day) =>
      config.weekly.filter(({ days }) => days.includes(day)).flatMap(({ open }) => open.map(spanOf)),
    );
    const dated = new Map<string, readonly Span[]>();
    for (const [at, { date, open }] of config.holidays.entries()) {
      if (!exists(date)) throw new FaninError('CONFIG', `holidays[${at}].date: there is no date ${date}.`);
      if (dated.has(date)) throw new FaninError('CONFIG', `holidays[${at}].date: ${date} is there twice.`);
      dated.set(date, open.map(spanOf));
    }
    this.dated = dated;
  }

  /** True when no date ever has hours. */
  get isEmpty(): boolean {
    return [...this.weekly, ...this.dated.values()].every((spans) => spans.length === 0);
  }

  /** The spans that begin on a date (midnight as a wall time). */
  spansOn(date: number): readonly Span[] {
    const iso = new Date(date).toISOString().slice(0, 10);
    // getUTCDay counts from Sunday; WEEKDAYS from Monday.
    const weekday = (new Date(date).getUTCDay() + 6) % 7;
    return this.dated.get(iso) ?? this.dated.get(iso.slice(5)) ?? this.weekly[weekday] ?? [];
  }
}

function spanOf(text: string): Span {
  const [from = '', to = ''] = text.split('-');
  const start = timeOfDay(from);
  const end = timeOfDay(to);
  return { start, end: end > start ? end : end + DAY_MS };
}

/** 29 February exists in the every-year form: it is looked up in leap years only. */
function exists(date: string): boolean {
  const full = date.length === 5 ? `2024-${date}` : date;
  const time = Date.parse(`${full}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(full);
}
