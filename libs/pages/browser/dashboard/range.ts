export const RANGES = ['today', '24h', '7d', '30d'] as const;
export type RangeName = (typeof RANGES)[number];

export const RANGE_LABELS: Readonly<Record<RangeName, string>> = {
  today: 'Today',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
};

export interface Range {
  readonly grain: 'hour' | 'day';
  /** Epoch ms; whole windows, so that every figure of the page is over the same span as the bars. */
  readonly fromMs: number;
  /** Starts of all windows, the running one last. */
  readonly windows: readonly number[];
  /** As long as the part of the range that has passed, directly before it. */
  readonly before: { readonly fromMs: number; readonly toMs: number };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `today` begins at midnight of the reader's zone; days of the longer ranges are those of the day windows, in UTC. */
export function rangeOf(name: RangeName, now: number): Range {
  const hour = now - (now % HOUR_MS);
  const day = now - (now % DAY_MS);
  switch (name) {
    case 'today': {
      const midnight = new Date(now).setHours(0, 0, 0, 0);
      const from = midnight - (midnight % HOUR_MS);
      return { ...span('hour', from, hour, now), before: { fromMs: from - DAY_MS, toMs: now - DAY_MS } };
    }
    case '24h':
      return span('hour', hour - 23 * HOUR_MS, hour, now);
    case '7d':
      return span('day', day - 6 * DAY_MS, day, now);
    case '30d':
      return span('day', day - 29 * DAY_MS, day, now);
  }
}

function span(grain: Range['grain'], fromMs: number, lastMs: number, now: number): Range {
  const step = grain === 'hour' ? HOUR_MS : DAY_MS;
  const windows = Array.from({ length: Math.round((lastMs - fromMs) / step) + 1 }, (_, i) => fromMs + i * step);
  const length = windows.length * step;
  return { grain, fromMs, windows, before: { fromMs: fromMs - length, toMs: now - length } };
}

export function stepOf(grain: Range['grain']): number {
  return grain === 'hour' ? HOUR_MS : DAY_MS;
}
