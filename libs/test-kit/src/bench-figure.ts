/** What a bench function gives: one line of `npm run bench`. */
export interface Figure {
  readonly value: number;
  /** Measured in the same run. */
  readonly limit: number;
  readonly ratio: number;
  /** Of what, and what ran where. */
  readonly unit: string;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
