import { CHANNEL_FAMILIES, WINDOW_DURATIONS } from '@fanin/contracts';

/** Exact figures over a span: counts, and medians and 90th percentiles of all durations that ended in it. */
export interface Summary {
  readonly created_count: number;
  readonly solved_count: number;
  readonly reopened_count: number;
  readonly inbound_count: number;
  readonly public_reply_count: number;
  readonly backlog_count: number;
  readonly durations: Readonly<
    Record<string, { readonly count: number; readonly p50: number | null; readonly p90: number | null }>
  >;
  readonly channels: readonly {
    readonly channel: string;
    readonly created_count: number;
    readonly backlog_count: number;
    readonly first_reply_p50: number | null;
    readonly first_reply_p90: number | null;
  }[];
}

type Percentiles = readonly [p50: number, p90: number] | null;

/** Row of SPAN_COUNTS: how often a kind happened in a channel. */
export interface SpanCount {
  readonly kind: string;
  readonly channel: string;
  readonly count: number;
}

/** The one row of SPAN_PERCENTILES: of each duration, and of first replies by channel. */
export interface SpanPercentiles {
  readonly durations: Readonly<Record<string, Percentiles>>;
  readonly channels: Readonly<Record<string, Percentiles>>;
}

/** To be followed by FROM … WHERE … GROUP BY kind, channel. */
export const SPAN_COUNTS = `SELECT jsonb_build_object('kind', kind, 'channel', channel, 'count', count(*)) AS row`;

const object = (entries: readonly (readonly [string, string])[]): string =>
  `jsonb_build_object(${entries.map(([name, sql]) => `'${name}', ${sql}`).join(', ')})`;
const percentiles = (condition: string): string =>
  `to_jsonb(percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE ${condition}))`;

/**
 * To be followed by FROM … WHERE …, of rows that have a duration. With a condition for each figure, not with GROUP BY:
 * ordered-set aggregates would have the database sort whole rows first, which takes longer than the rest together. The counts are
 * a statement of their own because they are hashed, and percentiles cannot be.
 */
export const SPAN_PERCENTILES = `SELECT ${object([
  ['durations', object(WINDOW_DURATIONS.map((kind) => [kind, percentiles(`kind = '${kind}'`)]))],
  [
    'channels',
    object(
      CHANNEL_FAMILIES.map((channel) => [channel, percentiles(`kind = 'first_reply' AND channel = '${channel}'`)]),
    ),
  ],
])} AS row`;

/** A channel may have a backlog and no happening in the span, or the other way round: its row adds up either way. */
export function summaryOf(
  counts: readonly SpanCount[],
  { durations, channels }: SpanPercentiles,
  backlog: ReadonlyMap<string, number>,
): Summary {
  const sumOf = (kind: string): number => sum(counts.filter((row) => row.kind === kind).map((row) => row.count));
  const seen = new Set([...counts.map(({ channel }) => channel), ...backlog.keys()]);
  return {
    created_count: sumOf('created'),
    solved_count: sumOf('solved'),
    reopened_count: sumOf('reopened'),
    inbound_count: sumOf('inbound'),
    public_reply_count: sumOf('public_reply'),
    backlog_count: sum([...backlog.values()]),
    durations: Object.fromEntries(
      WINDOW_DURATIONS.map((kind) => [
        kind,
        { count: sumOf(kind), p50: durations[kind]?.[0] ?? null, p90: durations[kind]?.[1] ?? null },
      ]),
    ),
    channels: [...seen].sort().map((channel) => ({
      channel,
      created_count: counts.find((row) => row.channel === channel && row.kind === 'created')?.count ?? 0,
      backlog_count: backlog.get(channel) ?? 0,
      first_reply_p50: channels[channel]?.[0] ?? null,
      first_reply_p90: channels[channel]?.[1] ?? null,
    })),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
