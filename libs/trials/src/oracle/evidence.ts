import type { ClientBase } from 'pg';

/** A stored message that can be told by a mark. */
export interface StoredMessage {
  /** What stands in its text; a call has no words of the caller's, and is told by its SID. */
  readonly mark: string;
  readonly account: string;
  readonly ticket: string;
  readonly seq: number;
  readonly direction: 'inbound' | 'outbound' | 'note';
  /** What became of a reply. */
  readonly delivery: string | null;
  /** SHA-256 of each of its attachments. */
  readonly files: readonly string[];
}

/** What the tables of the system say at rest. Read as a superuser: row-level security must not hide a double. */
export interface Evidence {
  readonly messages: readonly StoredMessage[];
  /** One line for each provider message that is there more than once, whatever its text. */
  readonly doubledByProviderId: readonly string[];
  /** One line for each kind of sum that does not come out, empty when all fates add up. */
  readonly fateFaults: readonly string[];
  /** By ticket: how many events it says it has had. */
  readonly ticketSeqs: ReadonlyMap<string, number>;
  readonly deliveries: number;
  readonly deadLettered: number;
}

const MESSAGES = `
  SELECT coalesce(substring(text FROM '#([^#[:space:]]+)#'), provider_message_id) AS mark, tenant || '/' || account_id AS account, ticket_id::text AS ticket,
    seq, CASE kind WHEN 'note' THEN 'note' ELSE direction END AS direction, delivery->>'status' AS delivery,
    ARRAY(SELECT file->>'sha256' FROM json_array_elements(details->'attachments') AS file) AS files
  FROM tickets.messages WHERE kind IN ('public', 'note') AND amends_id IS NULL AND (text ~ '#[^#[:space:]]+#' OR provider_message_id ~ '^CA[0-9a-f]{32}$')`;

const DOUBLED = `
  SELECT concat_ws(' ', tenant, account_id, provider_message_id, part, 'is there', count(*), 'times') AS line
  FROM tickets.messages WHERE direction = 'inbound' AND provider_message_id IS NOT NULL
  GROUP BY tenant, account_id, provider_message_id, part HAVING count(*) > 1`;

/** Captured = sum of fates, seen from both ends: no delivery without all of its fates, no fate without its delivery or message. */
const FATES = `
  WITH parts AS (SELECT delivery_id, count(*) AS n, max(parts) AS wanted, min(parts) AS least FROM ledger.fates GROUP BY 1)
  SELECT count(*) || ' deliveries have not all their fates, such as ' || min(delivery_id) AS line
    FROM ledger.deliveries LEFT JOIN parts USING (delivery_id) WHERE n IS NULL OR n <> wanted OR wanted <> least HAVING count(*) > 0
  UNION ALL
  SELECT count(*) || ' deliveries have fates but were never captured, such as ' || min(delivery_id)
    FROM parts LEFT JOIN ledger.deliveries d USING (delivery_id) WHERE d.delivery_id IS NULL HAVING count(*) > 0
  UNION ALL
  SELECT count(*) || ' parts are called accepted without being a message, such as ' || min(f.message_id)
    FROM ledger.fates f LEFT JOIN tickets.messages m ON m.id = f.message_id
    WHERE f.fate = 'accepted' AND f.message_id IS NOT NULL AND m.id IS NULL HAVING count(*) > 0
  UNION ALL
  SELECT count(*) || ' messages of customers have no fate that says accepted, such as ' || min(m.id)
    FROM tickets.messages m LEFT JOIN ledger.fates f ON f.message_id = m.id AND f.fate = 'accepted'
    WHERE m.direction = 'inbound' AND m.delivery_id IS NOT NULL AND f.message_id IS NULL HAVING count(*) > 0
  UNION ALL
  SELECT count(*) || ' messages were accepted more than once, such as ' || min(message_id)
    FROM (SELECT message_id FROM ledger.fates WHERE fate = 'accepted' AND message_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1) t
    HAVING count(*) > 0`;

const COUNTS = `
  SELECT (SELECT count(*) FROM ledger.deliveries)::int AS deliveries,
    (SELECT count(*) FROM ledger.fates WHERE fate = 'dead_lettered')::int AS dead`;

export async function readEvidence(client: ClientBase): Promise<Evidence> {
  const messages = await client.query<StoredMessage>(MESSAGES);
  const doubled = await client.query<{ line: string }>(DOUBLED);
  const fates = await client.query<{ line: string }>(FATES);
  const tickets = await client.query<{ id: string; seq: number }>(
    'SELECT id::text, last_seq AS seq FROM tickets.tickets',
  );
  const counts = await client.query<{ deliveries: number; dead: number }>(COUNTS);
  return {
    messages: messages.rows,
    doubledByProviderId: doubled.rows.map(({ line }) => line),
    fateFaults: fates.rows.map(({ line }) => line),
    ticketSeqs: new Map(tickets.rows.map(({ id, seq }) => [id, seq])),
    deliveries: counts.rows[0]?.deliveries ?? 0,
    deadLettered: counts.rows[0]?.dead ?? 0,
  };
}
