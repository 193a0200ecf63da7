import type { Clock } from '@fanin/kernel';

/** Lets one waiter sleep until it is woken; a call that comes first is not lost. */
export class WakeUp {
  private woken = false;
  private waiter: (() => void) | undefined;

  wake(): void {
    this.woken = true;
    this.waiter?.();
  }

  /** Resolves on the next `wake`, or at once when one came since the last wait. */
  async wait(): Promise<void> {
    if (!this.woken) await new Promise<void>((resolve) => (this.waiter = resolve));
    this.waiter = undefined;
    this.woken = false;
  }

  /** As `wait`, but no longer than `ms`. */
  async waitAtMost(ms: number, clock: Clock): Promise<void> {
    const over = new AbortController();
    void clock.sleep(ms, over.signal).then(() => {
      if (!over.signal.aborted) this.waiter?.();
    });
    await this.wait();
    over.abort();
  }
}
