import type { Clock } from '@fanin/kernel';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Token buckets by key, in memory: `ratePerSecond` in the long run, `burst` at once. Full buckets are forgotten. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly clock: Clock,
    private readonly ratePerSecond: number,
    private readonly burst: number,
    private readonly maxKeys = 100_000,
  ) {}

  /** 0: taken. Otherwise the milliseconds until there is one to take; then nothing was taken. */
  take(key: string): number {
    const now = this.clock.monotonicMs();
    const bucket = this.refilled(key, now);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - bucket.tokens) / this.ratePerSecond) * 1000);
  }

  get size(): number {
    return this.buckets.size;
  }

  private refilled(key: string, now: number): Bucket {
    const known = this.buckets.get(key);
    if (known === undefined) {
      if (this.buckets.size >= this.maxKeys) this.forgetFull(now);
      const fresh = { tokens: this.burst, atMs: now };
      this.buckets.set(key, fresh);
      return fresh;
    }
    known.tokens = this.tokensOf(known, now);
    known.atMs = now;
    return known;
  }

  private tokensOf(bucket: Bucket, now: number): number {
    return Math.min(this.burst, bucket.tokens + ((now - bucket.atMs) / 1000) * this.ratePerSecond);
  }

  private forgetFull(now: number): void {
    for (const [key, bucket] of this.buckets) {
      if (this.tokensOf(bucket, now) >= this.burst) this.buckets.delete(key);
    }
    // All in use: the oldest go, so that memory stays bounded whatever the number of addresses.
    for (const key of this.buckets.keys()) {
      if (this.buckets.size < this.maxKeys) break;
      this.buckets.delete(key);
    }
  }
}

/** How many of each key are open now. */
export class OpenCounter {
  private readonly counts = new Map<string, number>();

  /** False when `limit` are open already. */
  enter(key: string, limit: number): boolean {
    const count = this.counts.get(key) ?? 0;
    if (count >= limit) return false;
    this.counts.set(key, count + 1);
    return true;
  }

  leave(key: string): void {
    const count = (this.counts.get(key) ?? 0) - 1;
    if (count > 0) this.counts.set(key, count);
    else this.counts.delete(key);
  }
}
