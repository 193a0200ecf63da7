const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => `${value}`.padStart(2, '0');

/** RFC 2822 in GMT, whole seconds, as the REST API and the callbacks write times: `Mon, 16 Aug 2010 03:45:01 +0000`. */
export function rfc2822(epochMs: number): string {
  const at = new Date(epochMs);
  const day = `${DAYS[at.getUTCDay()]}, ${two(at.getUTCDate())} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

export const rfc2822OrNull = (epochMs: number | null): string | null => (epochMs === null ? null : rfc2822(epochMs));

export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

const DAY_MS = 86_400_000;

/** What a filter value stands for: `2026-11-22` the whole day in GMT, a date and time one second. */
function spanOf(value: string): TimeSpan | undefined {
  const fromMs = Date.parse(value);
  if (Number.isNaN(fromMs)) return undefined;
  const wholeDay = /^\d{4}-\d{2}-\d{2}$/.test(value);
  return { fromMs, toMs: fromMs + (wholeDay ? DAY_MS : 1000) - 1 };
}

/** The filters `Name`, `Name>` (on or after) and `Name<` (on or before) of a list call, as one span. */
export function filterSpan(query: URLSearchParams, name: string): TimeSpan {
  const exact = spanOf(query.get(name) ?? '');
  const after = spanOf(query.get(`${name}>`) ?? '');
  const before = spanOf(query.get(`${name}<`) ?? '');
  return {
    fromMs: Math.max(exact?.fromMs ?? -Infinity, after?.fromMs ?? -Infinity),
    toMs: Math.min(exact?.toMs ?? Infinity, before?.toMs ?? Infinity),
  };
}
