import type { SimulatorClock } from '@fanin/simulators/core';
import type { XSettings } from '../settings.js';

const DAY_MS = 86_400_000;

/** What is billed. A resource read twice on one UTC day is billed once. */
export class Usage {
  private readonly seen = new Set<string>();
  postsRead = 0;
  spent = 0;

  constructor(
    private readonly clock: SimulatorClock,
    private readonly settings: XSettings,
  ) {}

  outOfCredits(): boolean {
    return this.settings.credits !== null && this.spent >= this.settings.credits;
  }

  capped(): boolean {
    return this.settings.posts_cap !== null && this.postsRead >= this.settings.posts_cap;
  }

  readPosts(ids: readonly string[]): void {
    this.postsRead += this.bill(ids);
  }

  readMessages(ids: readonly string[]): void {
    this.bill(ids);
  }

  wrote(): void {
    this.spent += 1;
  }

  clear(): void {
    this.seen.clear();
    this.postsRead = 0;
    this.spent = 0;
  }

  private bill(ids: readonly string[]): number {
    const day = Math.floor(this.clock.now() / DAY_MS);
    const fresh = ids.map((id) => `${day}:${id}`).filter((key) => !this.seen.has(key));
    for (const key of fresh) this.seen.add(key);
    this.spent += fresh.length;
    return fresh.length;
  }
}
