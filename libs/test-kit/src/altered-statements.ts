import pg from 'pg';

/** A text of the product's SQL, and what stands there in the test. */
export type StatementChange = readonly [of: string, instead: string];

type Query = (this: pg.Client, query: unknown, ...more: unknown[]) => unknown;

/**
 * Until the function that it answers is called, every statement of this process that holds such a text runs with the other in
 * its place: a safeguard that is a condition in SQL is taken out of the program as it ships. `tell` hears of each change when
 * it is made for the first time.
 */
export function alterStatements(changes: readonly StatementChange[], tell?: (of: string) => void): () => void {
  const told = new Set<string>();
  const altered = (text: string): string =>
    changes.reduce((sql, [of, instead]) => {
      if (!sql.includes(of)) return sql;
      if (!told.has(of)) tell?.(of);
      told.add(of);
      return sql.replace(of, () => instead);
    }, text);
  const client = pg.Client.prototype as unknown as { query: Query };
  const genuine = client.query;
  client.query = function query(asked, ...more) {
    if (typeof asked === 'string') return genuine.call(this, altered(asked), ...more);
    const { text } = asked as { text?: unknown };
    // What submits itself holds state that a copy would not share.
    const isPlain = typeof text === 'string' && !('submit' in (asked as object));
    return genuine.call(this, isPlain ? { ...(asked as object), text: altered(text) } : asked, ...more);
  };
  return () => (client.query = genuine);
}
