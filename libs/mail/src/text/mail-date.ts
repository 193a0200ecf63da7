const EARLIEST = Date.UTC(1990, 0, 1);
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;
const RFC_5322 =
  /^(?:[a-z]{2,9}\.?,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s-]+(\d{2,4})\s*,?\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*([+-]\d{4}|[+-]\d{2}:\d{2}|[a-z]{1,5})?/iu;
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/u;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ZONES: Readonly<Record<string, number>> = {
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
  cet: 60,
  cest: 120,
  bst: 60,
};

/**
 * The Date of a mail (RFC 5322 §3.3 and §4.3, leniently). Undefined when it cannot be read, is before 1990, or is more
 * than a day after the mail was received: an ordering by it would be a lie.
 */
export function parseMailDate(value: string, receivedAt?: Date): Date | undefined {
  const text = value.slice(0, 200).trim();
  const time = ISO_8601.test(text) ? Date.parse(text) : readRfc5322(text);
  if (time === undefined || !Number.isFinite(time) || time < EARLIEST) return undefined;
  const latest = receivedAt === undefined ? Date.UTC(2100, 0, 1) : receivedAt.getTime() + MAX_AHEAD_MS;
  return time > latest ? undefined : new Date(time);
}

function readRfc5322(text: string): number | undefined {
  const match = RFC_5322.exec(text);
  if (match === null) return undefined;
  const [, day = '', monthName = '', yearText = '', hour = '', minute = '', second = '0', zone = ''] = match;
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (month === -1) return undefined;
  const short = Number(yearText);
  const year = yearText.length === 4 ? short : short + (yearText.length === 2 && short < 50 ? 2000 : 1900);
  const fields = [Number(day), Number(hour), Number(minute), Number(second)];
  const [d = 0, h = 0, m = 0, s = 0] = fields;
  if (d < 1 || d > 31 || h > 23 || m > 59 || s > 60) return undefined;
  const offset = zoneMinutes(zone);
  return Date.UTC(year, month, d, h, m, s) - offset * 60_000;
}

/** Unknown zone names count as UTC (RFC 5322 §4.3). */
function zoneMinutes(zone: string): number {
  const numeric = /^([+-])(\d{2}):?(\d{2})$/u.exec(zone);
  if (numeric === null) return ZONES[zone.toLowerCase()] ?? 0;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3]);
  const bounded = minutes > 16 * 60 ? 0 : minutes;
  return numeric[1] === '-' ? -bounded : bounded;
}
