import type { TicketFactV1, WindowV1 } from '@fanin/contracts';
import { WINDOW_DURATIONS } from '@fanin/contracts';
import type { Database } from '@fanin/platform';
import type { SummaryQuery, TicketFactsQuery, WindowsQuery } from './api/metrics.queries.js';

type Filter = Pick<SummaryQuery, 'from' | 'to' | 'channel' | 'team_id' | 'priority'>;

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

const HAVING: Readonly<Record<string, string>> = {
  unreplied: "first_reply_at IS NULL AND status NOT IN ('solved', 'closed')",
  unsolved: "status NOT IN ('solved', 'closed')",
  reopened: 'reopen_count > 0',
  solved: "status IN ('solved', 'closed')",
  replied: 'first_reply_seconds IS NOT NULL',
};

/** $1 from, $2 to (epoch ms), $3 channel, $4 team, $5 priority; each may be null. */
function spanOf(filter: Filter): readonly unknown[] {
  const ms = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));
  return [ms(filter.from), ms(filter.to), filter.channel ?? null, filter.team_id ?? null, filter.priority ?? null];
}

const where = (at: string, team: string): string =>
  `($1::bigint IS NULL OR ${at} >= $1) AND ($2::bigint IS NULL OR ${at} < $2) AND ($3::text IS NULL OR channel = $3)
   AND ($4::text IS NULL OR ${team} = $4) AND ($5::text IS NULL OR priority = $5)`;

/** Reads the rows that the metric topics carry, and exact figures over the happenings behind them. */
export class MetricsReader {
  constructor(private readonly database: Database) {}

  tickets(
    tenant: string,
    query: TicketFactsQuery,
    limit: number,
    after: readonly string[] | undefined,
  ): Promise<readonly TicketFactV1[]> {
    const having = query.having === undefined ? 'true' : (HAVING[query.having] ?? 'true');
    return this.rows<TicketFactV1>(
      tenant,
      `SELECT to_jsonb(f.*) AS row FROM analytics.ticket_facts f
       WHERE ${where('created_at', "coalesce(team_id, '')")} AND ($6::text IS NULL OR status = $6) AND ${having}
         AND ($7::bigint IS NULL OR (created_at, ticket_id) < ($7, $8))
       ORDER BY created_at DESC, ticket_id DESC LIMIT $9`,
      [...spanOf(query), query.status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  windows(
    tenant: string,
    query: WindowsQuery,
    limit: number,
    after: readonly string[] | undefined,
  ): Promise<readonly WindowV1[]> {
    return this.rows<WindowV1>(
      tenant,
      `SELECT to_jsonb(w.*) AS row FROM analytics.windows w
       WHERE grain = $6 AND ${where('window_start_at', 'team_id')} AND ($7::bigint IS NULL OR (window_start_at, row_id) < ($7, $8))
       ORDER BY window_start_at DESC, row_id DESC LIMIT $9`,
      [...spanOf(query), query.grain, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async summary(tenant: string, query: SummaryQuery): Promise<Summary> {
    const span = spanOf(query);
    const counts = WINDOW_DURATIONS.map(
      (d) => `'${d}', jsonb_build_object('count', count(*) FILTER (WHERE kind = '${d}'),
        'p50', percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE kind = '${d}'),
        'p90', percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE kind = '${d}'))`,
    );
    const kinds = ['created', 'solved', 'reopened', 'inbound', 'public_reply'].map(
      (kind) => `'${kind}_count', count(*) FILTER (WHERE kind = '${kind}')`,
    );
    // The backlog is what stood at the end of the span, so it adds all moves before that, not only those within.
    const backlog = `coalesce((SELECT sum(delta) FROM analytics.backlog_hours WHERE ($2::bigint IS NULL OR hour_at < $2)
      AND ($3::text IS NULL OR channel = $3) AND ($4::text IS NULL OR team_id = $4) AND ($5::text IS NULL OR priority = $5)), 0)`;
    const [total] = await this.rows<Omit<Summary, 'channels'>>(
      tenant,
      `SELECT jsonb_build_object(${kinds.join(', ')}, 'backlog_count', ${backlog}, 'durations', jsonb_build_object(${counts.join(', ')})) AS row
       FROM analytics.happenings WHERE ${where('at', 'team_id')}`,
      span,
    );
    const channels = await this.rows<Summary['channels'][number]>(
      tenant,
      // A channel may have a backlog and no happening in the span, or the other way round: its row adds up either way.
      `WITH happened AS (
         SELECT channel, count(*) FILTER (WHERE kind = 'created') AS created_count,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE kind = 'first_reply') AS first_reply_p50,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE kind = 'first_reply') AS first_reply_p90
         FROM analytics.happenings WHERE ${where('at', 'team_id')} GROUP BY channel
       ), waiting AS (
         SELECT channel, sum(delta) AS backlog_count FROM analytics.backlog_hours
         WHERE ($2::bigint IS NULL OR hour_at < $2) AND ($3::text IS NULL OR channel = $3) AND ($4::text IS NULL OR team_id = $4)
           AND ($5::text IS NULL OR priority = $5) GROUP BY channel HAVING sum(delta) <> 0
       )
       SELECT jsonb_build_object('channel', channel, 'created_count', coalesce(created_count, 0), 'backlog_count', coalesce(backlog_count, 0),
         'first_reply_p50', first_reply_p50, 'first_reply_p90', first_reply_p90) AS row
       FROM happened FULL JOIN waiting USING (channel) ORDER BY channel`,
      span,
    );
    if (total === undefined) throw new Error('an aggregate without GROUP BY always gives a row');
    return { ...total, channels };
  }

  private rows<T>(tenant: string, sql: string, parameters: readonly unknown[]): Promise<readonly T[]> {
    return this.database.transaction(tenant, async (client) => {
      const result = await client.query<{ row: T }>(sql, [...parameters]);
      return result.rows.map(({ row }) => row);
    });
  }
}
