import type { ChannelFamily, WindowRow } from '../api/types.js';
import { CHANNELS } from '../format/words.js';
import type { Range } from './range.js';

export interface Volume {
  readonly windows: readonly number[];
  /** Channels that have anything, in the order of the stack from below. */
  readonly series: readonly { readonly channel: ChannelFamily; readonly counts: readonly number[] }[];
  readonly total: number;
}

/** Adds up the windows of all teams, priorities and tenants; a window without a row had nothing. */
export function volumeOf(rows: readonly WindowRow[], range: Range, counted: 'tickets' | 'messages'): Volume {
  const at = new Map(range.windows.map((start, index) => [start, index]));
  const counts = new Map<ChannelFamily, number[]>();
  let total = 0;
  for (const row of rows) {
    const index = at.get(row.window_start_at);
    const count = counted === 'tickets' ? row.created_count : row.inbound_count;
    if (index === undefined || count === 0) continue;
    const channel = row.channel as ChannelFamily;
    const line = counts.get(channel) ?? range.windows.map(() => 0);
    counts.set(channel, line);
    line[index] = (line[index] ?? 0) + count;
    total += count;
  }
  const order = Object.keys(CHANNELS) as ChannelFamily[];
  const series = order.flatMap((channel) => {
    const line = counts.get(channel);
    return line === undefined ? [] : [{ channel, counts: line }];
  });
  return { windows: range.windows, series, total };
}

/** Upper bounds of the histogram columns of the windows, with words for the step that ends there. */
export const REPLY_STEPS: readonly (readonly [bound: number, label: string])[] = [
  [60, 'up to 1 min'],
  [300, '1 – 5 min'],
  [900, '5 – 15 min'],
  [3600, '15 min – 1 h'],
  [14_400, '1 – 4 h'],
  [28_800, '4 – 8 h'],
  [86_400, '8 – 24 h'],
  [259_200, '1 – 3 days'],
];

export interface ReplyStep {
  readonly label: string;
  readonly count: number;
}

/** First replies by waiting time. The columns are cumulative and additive, so steps are exact over any span. */
export function replySteps(
  rows: readonly WindowRow[],
  range: Range,
): { readonly steps: readonly ReplyStep[]; readonly count: number } {
  const wanted = new Set(range.windows);
  const sum = (column: string): number =>
    rows.reduce((total, row) => (wanted.has(row.window_start_at) ? total + Number(row[column] ?? 0) : total), 0);
  const count = sum('first_reply_count');
  let below = 0;
  const steps = REPLY_STEPS.map(([bound, label]) => {
    const upTo = sum(`first_reply_le_${bound}`);
    const step = { label, count: upTo - below };
    below = upTo;
    return step;
  });
  return { steps: [...steps, { label: 'longer', count: count - below }], count };
}
