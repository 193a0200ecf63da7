import type { PoolClient } from 'pg';

/** Leaves the messages to the search indexer: one small row per tenant instead of an inverted index on the hot path. */
export async function queueForSearch(
  client: PoolClient,
  messages: readonly { readonly tenant: string; readonly id: string }[],
): Promise<void> {
  if (messages.length === 0) return;
  const byTenant = new Map<string, string[]>();
  for (const { tenant, id } of messages) {
    const ids = byTenant.get(tenant);
    if (ids === undefined) byTenant.set(tenant, [id]);
    else ids.push(id);
  }
  await client.query({
    name: 'fanin-tickets-search-queue',
    text: `INSERT INTO tickets.search_queue (tenant, message_ids)
     SELECT tenant, string_to_array(ids, E'\\n') FROM unnest($1::text[], $2::text[]) AS n(tenant, ids)`,
    values: [[...byTenant.keys()], [...byTenant.values()].map((ids) => ids.join('\n'))],
  });
}
