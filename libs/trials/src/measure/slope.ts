export interface Slope {
  /** How much y grows for one x. */
  readonly slope: number;
  /**
   * The slope is at least so much: less two of its standard errors. Points that are off the line by much the same as the one before (a
   * heap fills and is swept) count as fewer, n (1 - r) / (1 + r) for the first-order autocorrelation r of what they are off by.
   * -Infinity for fewer than three points.
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
  const products = off.slice(1).reduce((sum, each, at) => sum + each * (off[at] ?? 0), 0);
  const alike = residue === 0 ? 0 : products / residue;
  const r = Math.min(Math.max(alike, 0), 0.99);
  return { slope, atLeast: slope - 2 * Math.sqrt((residue / (n - 2) / spread) * ((1 + r) / (1 - r))) };
}
