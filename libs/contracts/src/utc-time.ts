const UTC_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;

/** ISO 8601 in UTC with a Z and seconds, a day that exists, no leap second. The one rule of `field.time`. */
export function isUtcTime(text: string): boolean {
  if (!UTC_TIME.test(text)) return false;
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  // Day 0 of the next month is the last day of this one.
  return day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}
