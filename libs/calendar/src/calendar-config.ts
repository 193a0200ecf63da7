import { field } from '@fanin/contracts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** The same hours on several days of the week. */
export class WeeklyHours {
  @field.texts({
    description: 'Days of the week: mon, tue, wed, thu, fri, sat, sun.',
    pattern: /^(mon|tue|wed|thu|fri|sat|sun)$/,
    maxItems: 7,
    example: ['mon', 'tue', 'wed', 'thu', 'fri'],
  })
  days!: Weekday[];

  @field.texts({
    description:
      'Spans of that day, `HH:MM-HH:MM` by the wall clock. A span whose end is not after its start goes on over midnight; `24:00` is the end of the day.',
    pattern: SPAN,
    maxItems: 24,
    example: ['09:00-12:30', '13:30-18:00'],
  })
  open!: string[];
}

/** A date with hours of its own. */
export class Holiday {
  @field.text({
    description: 'The date, `YYYY-MM-DD`; `MM-DD` for every year.',
    pattern: /^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
    example: '12-25',
  })
  date!: string;

  @field.text({
    description: 'Name, for people who read the configuration.',
    maxLength: 100,
    optional: true,
    example: 'Christmas Day',
  })
  name?: string;

  @field.texts({
    description:
      'Hours of that date in place of those of its weekday; closed when empty. A span that began the evening before goes on.',
    pattern: SPAN,
    maxItems: 24,
    optional: true,
    default: [],
    example: ['09:00-12:00'],
  })
  open: string[] = [];
}

/** When people are there. */
export class CalendarConfig {
  @field.text({ description: 'IANA time zone.', maxLength: 64, minLength: 1, example: 'Europe/Berlin' })
  time_zone!: string;

  @field.objects(() => WeeklyHours, { description: 'Hours of the week; days not named are closed.', maxItems: 50 })
  weekly!: WeeklyHours[];

  @field.objects(() => Holiday, {
    description: 'Dates with other hours than their weekday; for a date of one year before one of every year.',
    maxItems: 1000,
    optional: true,
    default: [],
  })
  holidays: Holiday[] = [];
}
