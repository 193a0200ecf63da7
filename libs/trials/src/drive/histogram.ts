/** As it goes from a load process to its parent. */
export interface HistogramCounts {
  readonly counts: readonly (readonly [bucket: number, count: number])[];
  readonly max: number;
  readonly sum: number;
}

/** 64 buckets for each doubling: no value is off by more than 1.1 %. */
const STEPS = 64;

/** Counts of durations in milliseconds, from a microsecond to hours, in a memory that does not grow with their number. */
export class Histogram {
  private readonly buckets = new Map<number, number>();
  private highest = 0;
  private total = 0;
  private number = 0;

  static of(counts: HistogramCounts): Histogram {
    const histogram = new Histogram();
    histogram.merge(counts);
    return histogram;
  }

  add(ms: number): void {
    const bucket = Math.round(Math.log2(Math.max(ms, 0.001)) * STEPS);
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1);
    this.highest = Math.max(this.highest, ms);
    this.total += ms;
    this.number += 1;
  }

  get count(): number {
    return this.number;
  }

  get mean(): number {
    return this.number === 0 ? 0 : this.total / this.number;
  }

  get max(): number {
    return this.highest;
  }

  /** `share` from 0 to 1; 0 when nothing was counted. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.number));
    let seen = 0;
    for (const bucket of [...this.buckets.keys()].sort((a, b) => a - b)) {
      seen += this.buckets.get(bucket) ?? 0;
      if (seen >= wanted) return Math.min(2 ** (bucket / STEPS), this.highest);
    }
    return 0;
  }

  counts(): HistogramCounts {
    return { counts: [...this.buckets], max: this.highest, sum: this.total };
  }

  /** Adds what another histogram counted. */
  merge(other: HistogramCounts): void {
    for (const [bucket, count] of other.counts) {
      this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + count);
      this.number += count;
    }
    this.highest = Math.max(this.highest, other.max);
    this.total += other.sum;
  }
}
