import type { Clock } from '@fanin/kernel';

const MOST = 50_000;
const LONGEST_MS = 3 * 3_600_000;
/** What came only a moment ago is listed all the same: the two doors stay independent proofs of each other. */
const SETTLED_MS = 15_000;

/**
 * SIDs that are durable by this process, so that the lists do not bring them in again as duplicates every few minutes. Forgetting
 * one, or knowing nothing after a restart, costs a duplicate and loses nothing.
 */
export class KnownSids {
  /** Whole milliseconds, which V8 keeps in the entry itself. */
  private readonly since = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly settledMs = SETTLED_MS,
  ) {}

  add(sid: string): void {
    if (this.since.has(sid)) return;
    const now = Math.floor(this.clock.monotonicMs());
    for (const [oldest, at] of this.since) {
      if (this.since.size < MOST && now - at < LONGEST_MS) break;
      this.since.delete(oldest);
    }
    this.since.set(ownText(sid), now);
  }

  has(sid: string): boolean {
    const at = this.since.get(sid);
    return at !== undefined && this.clock.monotonicMs() - at >= this.settledMs;
  }
}

/** V8 keeps a part of a text as a place in the whole: a SID that was cut out of a request's body would hold all of it. */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}
