/** X's ids: 64 bits, milliseconds since this moment in the upper 42, so that a later id is the larger number. */
const EPOCH_MS = 1_288_834_974_657n;
const LAST_OF_MILLISECOND = 4095;

export class Snowflakes {
  private readonly next = new Map<number, number>();

  /** Ids of one millisecond come in the order they were asked for. */
  at(epochMs: number): string {
    let ms = Math.floor(epochMs);
    while ((this.next.get(ms) ?? 0) > LAST_OF_MILLISECOND) ms += 1;
    const sequence = this.next.get(ms) ?? 0;
    this.next.set(ms, sequence + 1);
    return String(((BigInt(ms) - EPOCH_MS) << 22n) | BigInt(sequence));
  }
}

/** Ids outgrow a double: compare by length, then as text. Negative when `a` is the older one. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9]{1,19}$/.test(value);
}
