import { FaninError } from '@fanin/kernel';

/** Reading of JSON that strangers made: every answer has the type it is asked for, or is undefined. */
export type Json = Readonly<Record<string, unknown>>;

export function parseJson(body: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new FaninError('BAD_PAYLOAD', 'the body is not JSON');
  }
  const record = recordOf(value);
  if (record === undefined) throw new FaninError('BAD_PAYLOAD', 'the body is no JSON object');
  return record;
}

export function recordOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function recordsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(recordOf).filter((each) => each !== undefined) : [];
}

/** Walks down; undefined when a step is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    const record = recordOf(current);
    if (record === undefined || !Object.hasOwn(record, step)) return undefined;
    current = record[step];
  }
  return current;
}

/** Text that PostgreSQL and UTF-8 can hold: no U+0000, no half of a surrogate pair. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replaceAll('\u0000', '').replace(/\p{Cs}/gu, '\ufffd') : undefined;
}

/** A short text for names and labels, on one line. */
export function labelOf(value: unknown, maxLength = 255): string | undefined {
  const label = [...(textOf(value) ?? '').replace(/\p{Cc}+/gu, ' ').trim()].slice(0, maxLength).join('');
  return label === '' ? undefined : label;
}

/** ISO 8601 of epoch milliseconds that came as text or number. */
export function isoOfMs(value: unknown): string | undefined {
  const ms = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof ms === 'number' ? isoOf(ms) : undefined;
}

/** ISO 8601 of what X writes: `2026-11-21T08:15:30.000Z`, or `Sat Nov 21 08:15:30 +0000 2026` in the older shape. */
export function isoOfDate(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const older = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{4}) (\d{4})$/.exec(value);
  if (older !== null) return isoOf(Date.parse(`${older[2]} ${older[1]} ${older[5]} ${older[3]} ${older[4]}`));
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(value) ? isoOf(Date.parse(value)) : undefined;
}

function isoOf(ms: number): string | undefined {
  // From 2006 on, when the first post was written, and not in a far future.
  return Number.isFinite(ms) && ms > 1_140_000_000_000 && ms < 4_102_444_800_000
    ? new Date(ms).toISOString()
    : undefined;
}
