export interface Slope {
  /** How much y grows for one x. */
  readonly slope: number;
  /**
   * The slope is at least so much, with 97.5 % certainty; -Infinity for fewer than three points. What a point is off the line, the next one is for
   * the most part, too (a heap fills and is swept): such points count as the fewer that first-order autocorrelation leaves of
   * them, n (1 - r) / (1 + r).
   */
  readonly atLeast: number;
}

/** The line of least squares through points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (n < 3 || spread === 0) return { slope: 0, atLeast: -Infinity };
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const off = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const residue = off.reduce((sum, each) => sum + each ** 2, 0);
  const alike =
    residue === 0 ? 0 : off.slice(1).reduce((sum, each, before) => sum + each * (off[before] ?? 0), 0) / residue;
  const r = Math.min(Math.max(alike, 0), 0.99);
  return { slope, atLeast: slope - 2 * Math.sqrt((residue / (n - 2) / spread) * ((1 + r) / (1 - r))) };
}
