import { NOTHING } from './duration.js';

export type Instant = string | number | null | undefined;

function dateOf(at: Instant): Date | undefined {
  if (at === null || at === undefined) return undefined;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const SAME_YEAR = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const OTHER_YEAR = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `21 Nov, 14:03` in the zone of the reader; with the year when it is another one. */
export function formatTime(at: Instant, now: number): string {
  const date = dateOf(at);
  if (date === undefined) return NOTHING;
  return (date.getFullYear() === new Date(now).getFullYear() ? SAME_YEAR : OTHER_YEAR).format(date);
}

/** For the title of a time: nothing left out. */
export function formatExactTime(at: Instant): string {
  const date = dateOf(at);
  return date === undefined ? NOTHING : EXACT.format(date);
}

export function formatClock(at: Instant): string {
  const date = dateOf(at);
  return date === undefined ? NOTHING : CLOCK.format(date);
}

/** A day window; days begin at 00:00 UTC. */
export function formatDay(at: number): string {
  return DAY.format(new Date(at));
}

/** `just now`, `5 min ago`, `in 30 s`, `3 h ago`, `2 d ago`. */
export function formatAgo(at: Instant, now: number): string {
  const date = dateOf(at);
  if (date === undefined) return NOTHING;
  const seconds = Math.round((now - date.getTime()) / 1000);
  const size = Math.abs(seconds);
  const text =
    size < 60
      ? `${size} s`
      : size < 3600
        ? `${Math.round(size / 60)} min`
        : size < 86_400
          ? `${Math.round(size / 3600)} h`
          : `${Math.round(size / 86_400)} d`;
  if (seconds < 0) return `in ${text}`;
  return seconds < 10 ? 'just now' : `${text} ago`;
}

export function isoOf(at: Instant): string {
  return dateOf(at)?.toISOString() ?? '';
}
