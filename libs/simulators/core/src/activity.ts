/** Counts what is still under way, so that a test can wait for a condition and never for a time. */
export class Activity {
  private running = 0;
  private readonly parked = new Set<() => void>();
  private waiters: (() => void)[] = [];

  /** `idle()` waits for the work; its failure is the caller's to handle. */
  track<T>(work: Promise<T>): Promise<T> {
    this.running += 1;
    const done = (): void => {
      this.running -= 1;
      this.wake();
    };
    work.then(done, done);
    return work;
  }

  /** Work that waits for other work ("reorder"): it goes on when `release` is called, or when nothing else is left. */
  park(): { released: Promise<void>; release: () => void } {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = () => {
        if (this.parked.delete(release)) this.running += 1;
        resolve();
      };
    });
    this.parked.add(release);
    this.running -= 1;
    this.wake();
    return { released, release };
  }

  /** Resolves when nothing is under way; parked work is let go once it is all that is left. */
  async idle(): Promise<void> {
    while (this.running > 0 || this.parked.size > 0) {
      if (this.running === 0) this.releaseParked();
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  releaseParked(): void {
    for (const release of [...this.parked]) release();
  }

  private wake(): void {
    if (this.running > 0) return;
    const woken = this.waiters;
    this.waiters = [];
    for (const wake of woken) wake();
  }
}
