import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** FANIN_PLAN_ROWS=1000000 for the full size; what matters is that the planner sees large tables with real statistics. */
export const PLAN_ROWS = Number(process.env['FANIN_PLAN_ROWS'] ?? 100_000);

/** Of a Database, what running transactions needs. */
export interface Transactions {
  transaction<T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  statement<R extends QueryResultRow>(
    tenant: string,
    text: string | { readonly name: string; readonly text: string },
    values?: readonly unknown[],
  ): Promise<QueryResult<R>>;
}

/** A statement as the code sent it. */
export interface SentStatement {
  readonly tenant: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** It has a name, so the server may come to plan it for any values. */
  readonly isPrepared: boolean;
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
  const statement: Transactions['statement'] = (tenant, text, values = []) => {
    sent.push(sentOf(tenant, typeof text === 'string' ? { text } : text, values));
    return database.statement(tenant, text, values);
  };
  return { ...database, transaction, statement };
}

function sentOf(
  tenant: string,
  { name, text }: { readonly name?: string | undefined; readonly text: string },
  values: readonly unknown[],
): SentStatement {
  return { tenant, text, values, isPrepared: name !== undefined };
}

function recordingClient(client: PoolClient, tenant: string, sent: SentStatement[]): PoolClient {
  const query = (given: string | QueryConfig, values?: unknown[]): Promise<unknown> => {
    const config = typeof given === 'string' ? { text: given } : given;
    sent.push(sentOf(tenant, config, values ?? config.values ?? []));
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
  /** Of the planner, as the code under test sets them for its transaction. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * What is wrong with the plan of a statement on the statistics of now: a large table (more than `largeRows` rows) that is
 * read from end to end, or more than `boundedRows` rows, as the planner expects, that are sorted or hashed. An incremental sort is
 * none: it stops where the limit does. Of a prepared statement the plan for any values must hold, too. Nothing is executed.
 */
export async function problemsOfPlan(
  database: Transactions,
  { tenant, text, values, isPrepared }: SentStatement,
  { largeRows, boundedRows, mayRead = [], settings = {} }: PlanLimits,
): Promise<readonly string[]> {
  return database.transaction(tenant, async (client) => {
    const large = await client.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE reltuples > $1`, [
      largeRows,
    ]);
    const names = new Set(large.rows.map(({ name }) => name));
    for (const setting of Object.entries(settings)) await client.query('SELECT set_config($1, $2, true)', [...setting]);
    const plans = [await planOf(client, `EXPLAIN (FORMAT JSON) ${text}`, values)];
    if (isPrepared) plans.push(await planOf(client, `EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${text}`));
    return plans.flatMap(nodesOf).flatMap((node) => {
      const { 'Node Type': type, 'Relation Name': relation = '', 'Plan Rows': count } = node;
      if (type === 'Seq Scan' && names.has(relation) && !mayRead.includes(relation))
        return [`reads all of ${relation}`];
      if (/^Sort|Hash/.test(type) && count > boundedRows) return [`${type} of ${count} rows`];
      return [];
    });
  });
}

async function planOf(
  client: PoolClient,
  explain: string,
  values: readonly unknown[] = [],
): Promise<PlanNode | undefined> {
  type Row = { 'QUERY PLAN': readonly { Plan: PlanNode }[] };
  // Without values as a simple query: that alone leaves its parameters open.
  const { rows } = await (values.length === 0 ? client.query<Row>(explain) : client.query<Row>(explain, [...values]));
  return rows[0]?.['QUERY PLAN'][0]?.Plan;
}

function nodesOf(node: PlanNode | undefined): readonly PlanNode[] {
  return node === undefined ? [] : [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
