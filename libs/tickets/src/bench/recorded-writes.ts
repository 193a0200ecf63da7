import type { Database } from '@fanin/platform';
import type { PoolClient, QueryConfig } from 'pg';

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

export type RecordedTransaction = readonly Statement[];

const WRITES = /^\s*(WITH\s[\s\S]*)?\b(INSERT|UPDATE)\b/;
/** Not rows of the result: the lock on read tickets, the counter, the notice of live changes. */
const NOT_ROWS = /FOR UPDATE|ticket_counters|fanin_tickets_live|SELECT pg_notify/;

/** The same database, keeping a copy of every statement that writes rows, one list per transaction. */
export function recordingDatabase(database: Database, transactions: RecordedTransaction[]): Database {
  return {
    ...database,
    transaction: (tenant, work) => {
      const statements: Statement[] = [];
      return database
        .transaction(tenant, (client) => {
          statements.length = 0;
          return work(recordingClient(client, statements));
        })
        .then((result) => {
          transactions.push(statements);
          return result;
        });
    },
  };
}

function recordingClient(client: PoolClient, statements: Statement[]): PoolClient {
  const query = (query: string | QueryConfig, values?: unknown[]): Promise<unknown> => {
    const text = typeof query === 'string' ? query : query.text;
    const given = values ?? (typeof query === 'string' ? [] : [...(query.values ?? [])]);
    if (WRITES.test(text) && (text.includes('platform.outbox') || !NOT_ROWS.test(text)))
      statements.push({ text, values: given.map(asPlainArray) });
    return client.query(query as string, values);
  };
  return new Proxy(client, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) });
}

/** Bare SQL hands node-postgres its arrays as they are; how the step packs them is the step's own affair. */
function asPlainArray(value: unknown): unknown {
  return value !== null && typeof value === 'object' && 'toPostgres' in value && 'values' in value
    ? value.values
    : value;
}

export async function replay(database: Database, transaction: RecordedTransaction): Promise<void> {
  await database.transaction('*', async (client) => {
    for (const { text, values } of transaction) await client.query(text, values);
  });
}
