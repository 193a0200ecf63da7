import { fieldsOf, WINDOW_BUCKETS_SECONDS, WINDOW_DURATIONS, WindowV1 } from '@fanin/contracts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** A window stays open to corrections this long after its end. */
export const GRACE_MS = 7 * DAY_MS;

const COUNTED = {
  created: 'created_count',
  inbound: 'inbound_count',
  public_reply: 'public_reply_count',
  solved: 'solved_count',
  reopened: 'reopened_count',
  closed: 'closed_count',
};

/** `SELECT` items that aggregate happenings `h` into the counting and duration columns of a window. */
export function aggregateColumns(): string {
  const items = Object.entries(COUNTED).map(
    ([kind, column]) => `count(*) FILTER (WHERE h.kind = '${kind}' AND NOT h.late) AS ${column}`,
  );
  for (const duration of WINDOW_DURATIONS) {
    const only = `FILTER (WHERE h.kind = '${duration}' AND NOT h.late)`;
    items.push(`count(*) ${only} AS ${duration}_count`);
    for (const stat of ['sum', 'min', 'max']) items.push(`${stat}(h.seconds) ${only} AS ${duration}_seconds_${stat}`);
    for (const [stat, fraction] of [
      ['p50', 0.5],
      ['p90', 0.9],
    ] as const) {
      items.push(
        `percentile_disc(${fraction}) WITHIN GROUP (ORDER BY h.seconds) ${only} AS ${duration}_seconds_${stat}`,
      );
    }
    for (const bound of WINDOW_BUCKETS_SECONDS) {
      items.push(
        `count(*) FILTER (WHERE h.kind = '${duration}' AND NOT h.late AND h.seconds <= ${bound}) AS ${duration}_le_${bound}`,
      );
    }
  }
  items.push('count(*) FILTER (WHERE h.late) AS late_dropped_count');
  return items.join(',\n');
}

/** Columns of analytics.windows in the order of the contract. */
export function windowColumns(): readonly string[] {
  return fieldsOf(WindowV1).map((declared) => declared.name);
}
