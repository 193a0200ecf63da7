/** X's ids are 64-bit numbers, too large for a JavaScript number: they stay text and are compared as text. */
const ID = /^[0-9]{1,20}$/;
/** Milliseconds from the epoch to the first tick of X's ids; 22 bits of an id lie below the milliseconds. */
const ID_EPOCH_MS = 1_288_834_974_657n;
const BELOW_TIME = 22n;

export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** Negative when `a` is older. By length, then by value. */
export function compareIds(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function newerId(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareIds(a, b) >= 0 ? a : b;
}

/** When an id was made, epoch milliseconds; undefined for one that is older than this scheme of ids. */
export function timeOfId(id: string): number | undefined {
  const sinceEpoch = BigInt(id) >> BELOW_TIME;
  return sinceEpoch === 0n ? undefined : Number(sinceEpoch + ID_EPOCH_MS);
}

/** The smallest id that could have been made at that time. */
export function idAt(epochMs: number): string {
  const sinceEpoch = BigInt(Math.trunc(epochMs)) - ID_EPOCH_MS;
  return sinceEpoch <= 0n ? '0' : (sinceEpoch << BELOW_TIME).toString();
}
