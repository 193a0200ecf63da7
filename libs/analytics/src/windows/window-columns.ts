import { fieldsOf, WINDOW_BUCKETS_SECONDS, WINDOW_DURATIONS, WindowV1 } from '@fanin/contracts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** What happened in so long is added up once; hours and days are made of it. */
export const PART_MS = 300_000;
/** A window stays open to corrections this long after its end. */
export const GRACE_MS = 7 * DAY_MS;

/** Of the part, hour or day, `ms` long, that a moment is in; epoch ms, UTC. */
export function startOf(at: number, ms: number): number {
  return at - (at % ms);
}

const COUNTED = {
  created: 'created_count',
  inbound: 'inbound_count',
  public_reply: 'public_reply_count',
  solved: 'solved_count',
  reopened: 'reopened_count',
  closed: 'closed_count',
};

/** Counts, which add up from part to part: column, and what it is of happenings `h`. */
const COUNTS: readonly (readonly [string, string])[] = [
  ...Object.entries(COUNTED).map(
    ([kind, column]) => [column, `count(*) FILTER (WHERE h.kind = '${kind}' AND NOT h.late)`] as const,
  ),
  ['late_dropped_count', 'count(*) FILTER (WHERE h.late)'],
];

/** Aggregates of durations, among which are percentiles: they want each of them. */
const DURATIONS = WINDOW_DURATIONS.flatMap((duration): readonly (readonly [string, string])[] => {
  const only = (condition = ''): string => `FILTER (WHERE h.kind = '${duration}' AND NOT h.late${condition})`;
  return [
    [`${duration}_count`, `count(*) ${only()}`],
    ...['sum', 'min', 'max'].map((stat) => [`${duration}_seconds_${stat}`, `${stat}(h.seconds) ${only()}`] as const),
    ...[50, 90].map(
      (percent) =>
        [
          `${duration}_seconds_p${percent}`,
          `percentile_disc(${percent / 100}) WITHIN GROUP (ORDER BY h.seconds) ${only()}`,
        ] as const,
    ),
    ...WINDOW_BUCKETS_SECONDS.map(
      (bound) => [`${duration}_le_${bound}`, `count(*) ${only(` AND h.seconds <= ${bound}`)}`] as const,
    ),
  ];
});

export const COUNT_COLUMNS = COUNTS.map(([column]) => column);
export const DURATION_COLUMNS = DURATIONS.map(([column]) => column);
/** `SELECT` items over happenings `h`. */
export const COUNT_ITEMS = COUNTS.map(([column, aggregate]) => `${aggregate} AS ${column}`).join(',\n');
export const DURATION_ITEMS = DURATIONS.map(([column, aggregate]) => `${aggregate} AS ${column}`).join(',\n');

/** Columns of analytics.windows in the order of the contract. */
export function windowColumns(): readonly string[] {
  return fieldsOf(WindowV1).map((declared) => declared.name);
}
