import { FaninError } from '@fanin/kernel';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(holder: Json | undefined, name: string): Json | undefined {
  const value = holder?.[name];
  return isObject(value) ? value : undefined;
}

export function listAt(holder: Json | undefined, name: string): readonly unknown[] {
  const value = holder?.[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The objects of a list; what else stands in it is passed over. */
export function objectsAt(holder: Json | undefined, name: string): readonly Json[] {
  return listAt(holder, name).filter(isObject);
}

/** A text as it can be stored: well-formed Unicode, one kind of line end, no control characters. */
export function clean(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('utf8')
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd');
}

/** At most `max` characters, never half of a pair. */
export function cut(text: string, max: number): string {
  return text.length <= max
    ? text
    : Buffer.from(text.slice(0, max), 'utf8')
        .toString('utf8')
        .replace(/\ufffd$/, '');
}

/** Text of a field, cleaned; undefined when there is none. Whole numbers are taken for their digits: ids come as both. */
export function textAt(holder: Json | undefined, name: string): string | undefined {
  const value = holder?.[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' ? clean(value) : undefined;
}

const MAX_ID = 256;

/** An id of Meta's: present, one line, of sane length. BAD_PAYLOAD otherwise: without it the update cannot be told apart. */
export function idAt(holder: Json | undefined, name: string): string {
  const value = optionalIdAt(holder, name);
  if (value === undefined) throw new FaninError('BAD_PAYLOAD', `${name} is missing or no id`);
  return value;
}

export function optionalIdAt(holder: Json | undefined, name: string): string | undefined {
  const value = textAt(holder, name);
  return value === undefined || value === '' || value.length > MAX_ID || /[\s\ufffd]/.test(value) ? undefined : value;
}

const EARLIEST_MS = Date.UTC(2004, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
/** Meta writes milliseconds in some events and seconds in others; no second of this era is above it, no millisecond below. */
const SECONDS_BELOW = 100_000_000_000;

/** A time of Meta's (seconds, milliseconds, both also as text, or ISO 8601) in ISO 8601; undefined when it is none. */
export function timeOf(value: unknown): string | undefined {
  const ms = epochMs(value);
  return ms !== undefined && ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms).toISOString() : undefined;
}

function epochMs(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\d{1,15}$/.test(value)) {
    const parsed = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(parsed) ? undefined : parsed;
  }
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return Math.trunc(number < SECONDS_BELOW ? number * 1000 : number);
}

/** The first of these that is a time. BAD_PAYLOAD when none is: reply windows are counted from it. */
export function needTime(...values: readonly unknown[]): string {
  for (const value of values) {
    const time = timeOf(value);
    if (time !== undefined) return time;
  }
  throw new FaninError('BAD_PAYLOAD', 'the update carries no time');
}
