/** Ways to make an account that this process runs look at once: its next poll or check does not wait. */
export class Wakes {
  private readonly wakes = new Map<string, () => void>();

  get held(): readonly string[] {
    return [...this.wakes.keys()];
  }

  /** Called by what runs the account; returns the end of it. */
  add(accountId: string, wake: () => void): () => void {
    this.wakes.set(accountId, wake);
    return () => {
      if (this.wakes.get(accountId) === wake) this.wakes.delete(accountId);
    };
  }

  /** False when another process, or nobody, runs the account. */
  wake(accountId: string): boolean {
    const wake = this.wakes.get(accountId);
    wake?.();
    return wake !== undefined;
  }
}
