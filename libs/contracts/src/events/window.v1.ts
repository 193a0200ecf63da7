import { field } from '../fields.js';
import { MetricRow } from './metric-row.js';

/** Upper bounds, in seconds, of the cumulative histogram columns `<metric>_le_<bound>`. */
export const WINDOW_BUCKETS_SECONDS = [60, 300, 900, 3600, 14400, 28800, 86400, 259200] as const;
/** Durations that windows aggregate; each owns the window in which it ended. */
export const WINDOW_DURATIONS = ['first_reply', 'next_reply', 'first_resolution', 'full_resolution'] as const;

const count = (what: string): PropertyDecorator => field.integer({ description: what, minimum: 0 });
const sum = (what: string): PropertyDecorator =>
  field.integer({ description: `${what}, whole seconds; null while the count is 0.`, nullable: true, minimum: 0 });

/**
 * One row per hour or day and channel, team and priority. Topic metrics.windows. Event time, half-open [start, end), UTC.
 * Besides the fields written out here it has, for each of WINDOW_DURATIONS, `<d>_count`, `<d>_seconds_sum`,
 * `<d>_seconds_min`, `<d>_seconds_max`, `<d>_le_<bound>` for each bucket, and the non-additive conveniences
 * `<d>_seconds_p50` and `<d>_seconds_p90`.
 */
export class WindowV1 extends MetricRow {
  @field.oneOf(['hour', 'day'], { description: 'Length of the window.' })
  grain!: 'hour' | 'day';

  @field.integer({ description: 'Start, epoch milliseconds, inclusive.' })
  window_start_at!: number;

  @field.integer({ description: 'End, epoch milliseconds, exclusive.' })
  window_end_at!: number;

  @field.text({ description: 'Start, ISO 8601 UTC.', maxLength: 32 })
  event_time_iso!: string;

  @field.text({ description: 'Day of the start in UTC, YYYY-MM-DD.', maxLength: 10 })
  report_date!: string;

  @field.text({ description: 'Channel family.', maxLength: 16 })
  channel!: string;

  @field.text({ description: 'Team; empty string for none, so that keys and joins work.', maxLength: 128 })
  team_id!: string;

  @field.text({ description: 'Priority.', maxLength: 16 })
  priority!: string;

  @count('Tickets created.') created_count!: number;
  @count('Messages of customers.') inbound_count!: number;
  @count('Public replies by humans.') public_reply_count!: number;
  @count('Tickets solved (each time).') solved_count!: number;
  @count('Tickets reopened (each time).') reopened_count!: number;
  @count('Tickets closed.') closed_count!: number;
  @count('Tickets not solved and not closed at the end of the window (or now).') backlog_count!: number;

  @field.boolean({ description: 'True after the grace of seven days; later events go to facts only.' })
  is_final!: boolean;

  @count('Events that came after the window was final.') late_dropped_count!: number;
}

for (const duration of WINDOW_DURATIONS) {
  const declare = (name: string, decorator: PropertyDecorator): void => decorator(WindowV1.prototype, name);
  declare(`${duration}_count`, count(`How many ${duration} durations ended in the window.`));
  for (const stat of ['sum', 'min', 'max']) declare(`${duration}_seconds_${stat}`, sum(`${stat} of ${duration}`));
  for (const stat of ['p50', 'p90'])
    declare(`${duration}_seconds_${stat}`, sum(`${stat} of ${duration}, not additive`));
  for (const bound of WINDOW_BUCKETS_SECONDS)
    declare(`${duration}_le_${bound}`, count(`How many took at most ${bound} seconds.`));
}
