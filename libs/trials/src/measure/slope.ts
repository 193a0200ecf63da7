export interface Slope {
  /** How much y grows for one x. */
  readonly slope: number;
  /** The slope is at least so much, with 97.5 % certainty were the points independent. -Infinity for fewer than three points. */
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
  const residue = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, atLeast: slope - 2 * Math.sqrt(residue / (n - 2) / spread) };
}
