import type { FateName } from '@fanin/contracts';
import { FATES } from '@fanin/contracts';
import { together, type Database } from '@fanin/platform';

export interface FateQuery {
  readonly channel?: string | undefined;
  /** ISO 8601, inclusive; by the time of capture. */
  readonly from?: string | undefined;
  /** ISO 8601, exclusive. */
  readonly to?: string | undefined;
}

export interface FateCounts {
  /** Parts captured: one for each delivery, or as many as its messages. */
  readonly captured: number;
  /** Captured but not decided yet. Captured is always in_flight plus the sum of fates. */
  readonly in_flight: number;
  readonly fates: Readonly<Record<FateName, number>>;
}

export interface FateReport extends FateCounts {
  readonly channels: readonly (FateCounts & { readonly channel: string })[];
  readonly rules: readonly {
    readonly channel: string;
    readonly fate: FateName;
    readonly rule: string | null;
    readonly count: number;
  }[];
}

export interface DeliveryQuery {
  readonly fate?: string | undefined;
  readonly rule?: string | undefined;
  readonly channel?: string | undefined;
  readonly limit: number;
  readonly cursor?: { readonly receivedAt: string; readonly deliveryId: string } | undefined;
}

export interface DeliveryRow {
  readonly id: string;
  readonly account_id: string;
  readonly channel: string;
  readonly channel_slug: string;
  readonly content_type: string;
  readonly size: number;
  readonly sha256: string;
  readonly received_at: string;
  readonly parts: readonly {
    readonly part: number;
    readonly fate: string;
    readonly rule: string | null;
    readonly evidence: string | null;
    readonly message_id: string | null;
    readonly ticket_id: string | null;
    readonly decided_at: string;
  }[];
}

interface CountRow {
  readonly channel: string;
  readonly fate: FateName | null;
  readonly rule: string | null;
  readonly count: string;
}

const DELIVERY = `to_jsonb(x) AS row FROM (SELECT d.delivery_id AS id, d.account_id, d.channel, d.channel_slug, d.content_type, d.body_size AS size, d.body_sha256 AS sha256,
  to_char(d.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS received_at,
  coalesce((SELECT jsonb_agg(jsonb_build_object('part', f.part, 'fate', f.fate, 'rule', f.rule, 'evidence', f.evidence, 'message_id', f.message_id,
    'ticket_id', f.ticket_id, 'decided_at', to_char(f.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY f.part)
    FROM ledger.fates f WHERE f.delivery_id = d.delivery_id), '[]') AS parts
  FROM ledger.deliveries d`;

function emptyCounts(): { captured: number; in_flight: number; fates: Record<FateName, number> } {
  return {
    captured: 0,
    in_flight: 0,
    fates: Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<FateName, number>,
  };
}

/** The policy says so too; said here, it lets the planner use the index that begins with the tenant. */
function ownRows(tenant: string, parameter: number): string {
  return tenant === '*' ? 'true' : `d.tenant = $${parameter}`;
}

function ownValues(tenant: string): readonly string[] {
  return tenant === '*' ? [] : [tenant];
}

/** Answers from the ledger; every call is one transaction of the tenant who asks. */
export class LedgerReader {
  constructor(private readonly database: Database) {}

  async fates(tenant: string, query: FateQuery): Promise<FateReport> {
    const wanted = `($1::text IS NULL OR d.channel = $1) AND ($2::timestamptz IS NULL OR d.received_at >= $2)
      AND ($3::timestamptz IS NULL OR d.received_at < $3) AND ${ownRows(tenant, 4)}`;
    const rows = await this.database.transaction(tenant, async (client) => {
      // What is asked for lies in memory, mostly. By PostgreSQL's 4.0 an hour's deliveries would be reason enough to read all there are.
      const priced = client.query("SELECT set_config('random_page_cost', '1.1', true)");
      // A part without a fate is in flight: a delivery that no fate names yet has one part, another as many as its fates say.
      const counted = client.query<CountRow>(
        `SELECT d.channel, f.fate, f.rule, count(*) FROM ledger.deliveries d LEFT JOIN ledger.fates f USING (delivery_id)
           WHERE ${wanted} GROUP BY 1, 2, 3
         UNION ALL SELECT channel, NULL, NULL, sum(missing) FROM (
           SELECT d.channel, max(f.parts) - count(*) AS missing FROM ledger.deliveries d JOIN ledger.fates f USING (delivery_id)
           WHERE f.parts > 1 AND ${wanted} GROUP BY d.delivery_id) several GROUP BY 1 HAVING sum(missing) > 0
         ORDER BY 1, 2, 3`,
        [query.channel ?? null, query.from ?? null, query.to ?? null, ...ownValues(tenant)],
      );
      return (await together(priced, counted))[1].rows;
    });
    return report(rows);
  }

  async deliveries(tenant: string, query: DeliveryQuery): Promise<readonly DeliveryRow[]> {
    return this.database.transaction(tenant, async (client) => {
      const result = await client.query<{ row: DeliveryRow }>(
        `SELECT ${DELIVERY}
         WHERE ($1::text IS NULL OR d.channel = $1)
           AND (($2::text IS NULL AND $3::text IS NULL) OR EXISTS (SELECT 1 FROM ledger.fates f WHERE f.delivery_id = d.delivery_id
             AND ($2::text IS NULL OR f.fate = $2) AND ($3::text IS NULL OR f.rule = $3))
             OR ($2 = 'in_flight' AND (SELECT count(*) < coalesce(max(f.parts), 1) FROM ledger.fates f WHERE f.delivery_id = d.delivery_id)))
           AND ($4::timestamptz IS NULL OR (d.received_at, d.delivery_id) < ($4, $5)) AND ${ownRows(tenant, 7)}
         ORDER BY d.received_at DESC, d.delivery_id DESC LIMIT $6) x`,
        [
          query.channel ?? null,
          query.fate ?? null,
          query.rule ?? null,
          query.cursor?.receivedAt ?? null,
          query.cursor?.deliveryId ?? null,
          query.limit,
          ...ownValues(tenant),
        ],
      );
      return result.rows.map(({ row }) => row);
    });
  }

  async delivery(tenant: string, id: string): Promise<DeliveryRow | null> {
    return this.database.transaction(tenant, async (client) => {
      const result = await client.query<{ row: DeliveryRow }>(`SELECT ${DELIVERY} WHERE d.delivery_id = $1) x`, [id]);
      return result.rows[0]?.row ?? null;
    });
  }
}

function report(rows: readonly CountRow[]): FateReport {
  const total = emptyCounts();
  const channels = new Map<string, ReturnType<typeof emptyCounts>>();
  for (const row of rows) {
    const channel = channels.get(row.channel) ?? emptyCounts();
    channels.set(row.channel, channel);
    for (const counts of [total, channel]) {
      const count = Number(row.count);
      counts.captured += count;
      if (row.fate === null) counts.in_flight += count;
      else counts.fates[row.fate] += count;
    }
  }
  return {
    ...total,
    channels: [...channels].map(([channel, counts]) => ({ channel, ...counts })),
    rules: rows.flatMap(({ channel, fate, rule, count }) =>
      fate === null ? [] : [{ channel, fate, rule, count: Number(count) }],
    ),
  };
}
