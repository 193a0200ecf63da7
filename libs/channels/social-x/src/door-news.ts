/** What the door learns that the upkeep must know. In this process only: upkeep looks for itself, too. */
export class DoorNews {
  /** Since when deliveries were refused because the log was away; X does not bring them again by itself. */
  refusedSince: number | null = null;
  refusedUntil: number | null = null;
  /** A replay job came to its end without having delivered everything. */
  incompleteReplay = false;
  replayEnded = false;
  private wakeUpkeep: () => void = () => undefined;

  onWake(wake: () => void): void {
    this.wakeUpkeep = wake;
  }

  refused(nowMs: number): void {
    this.refusedSince ??= nowMs;
    this.refusedUntil = nowMs;
  }

  replay(state: string): void {
    this.replayEnded = true;
    this.incompleteReplay = state !== 'Complete';
    this.wakeUpkeep();
  }

  revoked(): void {
    this.wakeUpkeep();
  }
}
