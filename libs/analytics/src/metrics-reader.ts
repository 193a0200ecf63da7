import type { TicketFactV1, WindowV1 } from '@fanin/contracts';
import type { Database } from '@fanin/platform';
import type { SummaryQuery, TicketFactsQuery, WindowsQuery } from './api/metrics.queries.js';
import {
  SPAN_COUNTS,
  SPAN_PERCENTILES,
  summaryOf,
  type SpanCount,
  type SpanPercentiles,
  type Summary,
} from './summary.js';

type Filter = Pick<SummaryQuery, 'from' | 'to' | 'channel' | 'team_id' | 'priority'>;

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

/** The policy says so too; said here, it lets the planner use the indexes that begin with the tenant. */
function ownRows(tenant: string, parameter: number): { readonly sql: string; readonly values: readonly string[] } {
  return tenant === '*' ? { sql: 'true', values: [] } : { sql: `tenant = $${parameter}`, values: [tenant] };
}

/** Reads the rows that the metric topics carry, and exact figures over the happenings behind them. */
export class MetricsReader {
  constructor(private readonly database: Database) {}

  tickets(
    tenant: string,
    query: TicketFactsQuery,
    limit: number,
    after: readonly string[] | undefined,
  ): Promise<readonly TicketFactV1[]> {
    const own = ownRows(tenant, 10);
    const having = query.having === undefined ? 'true' : (HAVING[query.having] ?? 'true');
    return this.rows<TicketFactV1>(
      tenant,
      `SELECT to_jsonb(f.*) AS row FROM analytics.ticket_facts f
       WHERE ${own.sql} AND ${where('created_at', "coalesce(team_id, '')")} AND ($6::text IS NULL OR status = $6) AND ${having}
         AND ($7::bigint IS NULL OR (created_at, ticket_id) < ($7, $8))
       ORDER BY created_at DESC, ticket_id DESC LIMIT $9`,
      [...spanOf(query), query.status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit, ...own.values],
    );
  }

  windows(
    tenant: string,
    query: WindowsQuery,
    limit: number,
    after: readonly string[] | undefined,
  ): Promise<readonly WindowV1[]> {
    const own = ownRows(tenant, 10);
    return this.rows<WindowV1>(
      tenant,
      `SELECT to_jsonb(w.*) AS row FROM analytics.windows w
       WHERE ${own.sql} AND grain = $6 AND ${where('window_start_at', 'team_id')} AND ($7::bigint IS NULL OR (window_start_at, row_id) < ($7, $8))
       ORDER BY window_start_at DESC, row_id DESC LIMIT $9`,
      [...spanOf(query), query.grain, after?.[0] ?? null, after?.[1] ?? null, limit, ...own.values],
    );
  }

  async summary(tenant: string, query: SummaryQuery): Promise<Summary> {
    const own = ownRows(tenant, 6);
    const span = [...spanOf(query), ...own.values];
    const happened = `FROM analytics.happenings WHERE ${own.sql} AND ${where('at', 'team_id')}`;
    const counts = await this.rows<SpanCount>(tenant, `${SPAN_COUNTS} ${happened} GROUP BY kind, channel`, span);
    const [percentiles] = await this.rows<SpanPercentiles>(
      tenant,
      `${SPAN_PERCENTILES} ${happened} AND seconds IS NOT NULL`,
      span,
    );
    // The backlog is what stood at the end of the span, so it adds all moves before that, not only those within.
    const backlog = await this.rows<{ readonly channel: string; readonly count: number }>(
      tenant,
      `SELECT jsonb_build_object('channel', channel, 'count', sum(delta)) AS row FROM analytics.backlog_hours
       WHERE ${own.sql} AND $1::bigint IS NOT DISTINCT FROM $1 AND ($2::bigint IS NULL OR hour_at < $2)
         AND ($3::text IS NULL OR channel = $3) AND ($4::text IS NULL OR team_id = $4) AND ($5::text IS NULL OR priority = $5)
       GROUP BY channel HAVING sum(delta) <> 0`,
      span,
    );
    if (percentiles === undefined) throw new Error('an aggregate without GROUP BY always gives a row');
    return summaryOf(counts, percentiles, new Map(backlog.map(({ channel, count }) => [channel, count])));
  }

  private rows<T>(tenant: string, sql: string, parameters: readonly unknown[]): Promise<readonly T[]> {
    return this.database.transaction(tenant, async (client) => {
      const result = await client.query<{ row: T }>(sql, [...parameters]);
      return result.rows.map(({ row }) => row);
    });
  }
}
