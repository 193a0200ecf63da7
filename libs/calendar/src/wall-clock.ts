import { FaninError } from '@fanin/kernel';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Further than any zone lies from UTC, so that what is sampled on both sides of a wall time lies on both sides of it. */
const REACH_MS = 26 * 3_600_000;

/**
 * The wall clock of an IANA zone. Wall times are numbers: what `Date.UTC` gives for the fields that the clock shows. They
 * can be compared, and days added to them, without asking the zone.
 */
export class WallClock {
  private readonly format: Intl.DateTimeFormat;

  /** CONFIG for a zone that this machine does not know. */
  constructor(readonly timeZone: string) {
    try {
      this.format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        calendar: 'iso8601',
        numberingSystem: 'latn',
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      });
    } catch (error) {
      throw new FaninError(
        'CONFIG',
        `time_zone: "${timeZone}" is no IANA time zone; write it like Europe/Berlin or America/New_York.`,
        { cause: error },
      );
    }
  }

  /** What the clock shows at a moment. */
  wallAt(at: number): number {
    const fields: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(at)) fields[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
  }

  /**
   * The first moment at which the clock shows `wall` or later: the earlier one of a time that comes twice, the change
   * itself for a time that is skipped.
   */
  firstAt(wall: number): number {
    const { change, before, after } = this.around(wall);
    if (change === undefined) return wall - before;
    return wall - before < change ? wall - before : Math.max(wall - after, change);
  }

  /** The moment from which the clock never again shows less than `wall`: the later one of a time that comes twice. */
  lastAt(wall: number): number {
    const { change, before, after } = this.around(wall);
    if (change === undefined) return wall - before;
    return wall - after > change ? wall - after : Math.min(wall - before, change);
  }

  private offsetAt(at: number): number {
    return this.wallAt(at) - at;
  }

  /** The offsets on both sides of a wall time, and the moment between them at which one becomes the other. */
  private around(wall: number): { readonly before: number; readonly after: number; readonly change?: number } {
    let low = wall - REACH_MS;
    let high = wall + REACH_MS;
    const before = this.offsetAt(low);
    const after = this.offsetAt(high);
    if (before === after) return { before, after };
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (middle <= low) break;
      if (this.offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return { before, after, change: Math.floor(high / 1000) * 1000 };
  }
}

/** Midnight of the date that a wall time shows. */
export function dateOf(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

export function nextDate(date: number, days = 1): number {
  return date + days * DAY_MS;
}

/** `HH:MM` as milliseconds since midnight. */
export function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}
