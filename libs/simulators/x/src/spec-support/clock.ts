import type { SimulatorClock } from '@fanin/simulators/core';

/** Time that passes when a test says so. */
export class TestClock implements SimulatorClock {
  private sleepers: { at: number; wake: () => void }[] = [];

  constructor(private ms = Date.parse('2026-11-22T09:00:00.000Z')) {}

  now(): number {
    return this.ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true || ms <= 0) return resolve();
      this.sleepers.push({ at: this.ms + ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  advance(ms: number): void {
    this.ms += ms;
    const due = this.sleepers.filter((sleeper) => sleeper.at <= this.ms);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.at > this.ms);
    for (const sleeper of due) sleeper.wake();
  }
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
