import type { PoolClient, QueryConfig } from 'pg';

/** FANIN_PLAN_ROWS=1000000 for the full size; what matters is that the planner sees large tables with real statistics. */
export const PLAN_ROWS = Number(process.env['FANIN_PLAN_ROWS'] ?? 100_000);

/** Of a Database, what running transactions needs. */
export interface Transactions {
  transaction<T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
}

/** A statement as the code sent it. */
export interface SentStatement {
  readonly tenant: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

/** The same database, which keeps every statement of the transactions that run through it. */
export function recordStatements<D extends Transactions>(database: D, sent: SentStatement[]): D {
  const transaction = <T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T> =>
    database.transaction(tenant, (client) => work(recordingClient(client, tenant, sent)));
  return { ...database, transaction };
}

function recordingClient(client: PoolClient, tenant: string, sent: SentStatement[]): PoolClient {
  const query = (given: string | QueryConfig, values?: unknown[]): Promise<unknown> => {
    const text = typeof given === 'string' ? given : given.text;
    sent.push({ tenant, text, values: values ?? (typeof given === 'string' ? [] : [...(given.values ?? [])]) });
    return client.query(given as string, values);
  };
  return new Proxy(client, {
    get: (target, name) => (name === 'query' ? query : (Reflect.get(target, name) as unknown)),
  });
}

export interface PlanLimits {
  readonly largeRows: number;
  readonly boundedRows: number;
  /** Large tables that may be read from end to end all the same. */
  readonly mayRead?: readonly string[];
}

/**
 * What is wrong with the plan of a statement on the statistics of now: a large table (more than `largeRows` rows) that is
 * read from end to end, or more than `boundedRows` rows, as the planner expects, that are sorted or hashed. An incremental sort is
 * none: it stops where the limit does. Nothing is executed.
 */
export async function problemsOfPlan(
  database: Transactions,
  { tenant, text, values }: SentStatement,
  { largeRows, boundedRows, mayRead = [] }: PlanLimits,
): Promise<readonly string[]> {
  return database.transaction(tenant, async (client) => {
    const large = await client.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE reltuples > $1`, [
      largeRows,
    ]);
    const names = new Set(large.rows.map(({ name }) => name));
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${text}`,
      [...values],
    );
    return nodesOf(rows[0]?.['QUERY PLAN'][0]?.Plan).flatMap((node) => {
      const { 'Node Type': type, 'Relation Name': relation = '', 'Plan Rows': count } = node;
      if (type === 'Seq Scan' && names.has(relation) && !mayRead.includes(relation))
        return [`reads all of ${relation}`];
      if (/^Sort|Hash/.test(type) && count > boundedRows) return [`${type} of ${count} rows`];
      return [];
    });
  });
}

function nodesOf(node: PlanNode | undefined): readonly PlanNode[] {
  return node === undefined ? [] : [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
