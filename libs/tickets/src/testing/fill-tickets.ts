import type { Database } from '@fanin/platform';

export interface FillOptions {
  /** Two a ticket; a fifth of the tickets are chats. */
  readonly messages: number;
  /** Characters of a message's text (default 400). */
  readonly textChars?: number;
  /** Also what makes them findable by words (default false). */
  readonly search?: boolean;
}

/** Rows in one statement: each stays below the statement's time limit on a busy machine. */
const CHUNK = 100_000;

const TICKET = `(lpad(to_hex(1763000000000 + t), 12, '0') || '7' || substr(md5('ticket ' || t), 1, 19))::uuid`;
const CUSTOMER = `md5('customer ' || c)::uuid`;

/** $1 and $2: first and last number of a ticket; five tickets a customer. Ids grow with time as the step's do. */
const TICKETS = `
INSERT INTO tickets.tickets (id, tenant, number, subject, status, priority, channel, account_id, tags, team_id, assignee_id,
  customer_id, participants, last_seq, created_at, updated_at, solved_at, closed_at)
SELECT ${TICKET}, 'shop', t + 1, 'About order ' || t, s.status, (ARRAY['low','normal','normal','high'])[1 + t % 4],
  CASE WHEN t % 5 = 0 THEN 'chat' ELSE 'email' END, CASE WHEN t % 5 = 0 THEN 'chat' ELSE 'mail' END,
  CASE WHEN t % 20 = 0 THEN '{refund}'::text[] ELSE '{}' END, CASE WHEN t % 3 = 0 THEN 'team-' || t % 12 END,
  CASE WHEN t % 4 = 0 THEN 'agent-' || t % 40 END, ${CUSTOMER}, ARRAY['email:customer-' || c || '@customer.example'], 2,
  at.made, at.made + interval '1 hour', CASE WHEN s.status IN ('solved', 'closed') THEN at.made + interval '1 hour' END,
  CASE WHEN s.status = 'closed' THEN at.made + interval '1 hour' END
FROM generate_series($1::int, $2::int) AS t
CROSS JOIN LATERAL (SELECT t / 5 AS c) AS of
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01Z' + t * interval '50 seconds' AS made) AS at
CROSS JOIN LATERAL (SELECT CASE WHEN t % 100 < 90 THEN 'closed' WHEN t % 100 < 95 THEN 'solved' WHEN t % 100 < 97 THEN 'pending'
  WHEN t % 100 < 99 THEN 'open' ELSE 'new' END AS status) AS s`;

const IDENTITIES = `
WITH c AS (SELECT generate_series($1::int / 5, $2::int / 5) AS c),
  i AS (INSERT INTO tickets.identities (tenant, kind, id, customer_id, name)
    SELECT 'shop', 'email', 'customer-' || c || '@customer.example', ${CUSTOMER}, 'Customer ' || c FROM c)
INSERT INTO tickets.customers (id, tenant, name, created_at) SELECT ${CUSTOMER}, 'shop', 'Customer ' || c, '2026-01-01Z' FROM c`;

const CONVERSATIONS = `
INSERT INTO tickets.conversations (tenant, account_id, key_hash, ticket_id)
SELECT 'shop', 'chat', md5('conversation ' || t)::uuid, ${TICKET} FROM generate_series($1::int, $2::int) AS t WHERE t % 5 = 0`;

const REFERENCES = `
INSERT INTO tickets.message_references (tenant, ref_hash, ticket_id, message_id, origin)
SELECT 'shop', md5('reference ' || m)::uuid, ${TICKET}, md5('message ' || m)::uuid::text, 'seen'
FROM generate_series(2 * $1::int, 2 * $2::int + 1) AS m CROSS JOIN LATERAL (SELECT m / 2 AS t) AS of`;

/** $3: characters of text. */
const MESSAGES = `
INSERT INTO tickets.messages (id, tenant, ticket_id, seq, account_id, provider_message_id, part, delivery_id, conversation_key,
  direction, kind, channel, channel_slug, subject, text, details, provider_time, received_at)
SELECT md5('message ' || m)::uuid::text, 'shop', ${TICKET}, 1 + m % 2, CASE WHEN t % 5 = 0 THEN 'chat' ELSE 'mail' END,
  '<' || m || '@mail.example>', 0, 'delivery-' || m, '<' || t * 2 || '@mail.example>',
  CASE WHEN m % 10 = 9 THEN 'outbound' ELSE 'inbound' END, 'public', CASE WHEN t % 5 = 0 THEN 'chat' ELSE 'email' END,
  CASE WHEN t % 5 = 0 THEN 'chat-web' ELSE 'email-smtp' END, 'About order ' || t,
  left('Order ' || t || repeat(' has not arrived yet although the tracking page says delivered', 1 + $3::int / 60), $3::int),
  '{"from":{"kind":"email","id":"customer@customer.example","name":"Customer"},"to":[],"attachments":[],"flags":[],"threading":{"rule":"new","evidence":null},"provider_fields":{},"body_ref":null}',
  at.made, at.made
FROM generate_series(2 * $1::int, 2 * $2::int + 1) AS m
CROSS JOIN LATERAL (SELECT m / 2 AS t) AS of
CROSS JOIN LATERAL (SELECT timestamptz '2026-01-01Z' + m * interval '25 seconds' AS made) AS at`;

const SEARCH = `
INSERT INTO tickets.message_search (message_id, tenant, ticket_id, document)
SELECT md5('message ' || m)::uuid::text, 'shop', ${TICKET}, to_tsvector('simple', 'About order ' || t || ' word' || m % 5000)
FROM generate_series(2 * $1::int, 2 * $2::int + 1) AS m CROSS JOIN LATERAL (SELECT m / 2 AS t) AS of`;

/** The shop as it is after a year, by set-based statements, with statistics. For tests and benches. */
export async function fillTickets(database: Database, options: FillOptions): Promise<void> {
  const { messages, textChars = 400, search = false } = options;
  for (let at = 0; at < messages; at += CHUNK) {
    const span = [at / 2, Math.min(messages, at + CHUNK) / 2 - 1];
    await database.transaction('*', async (client) => {
      for (const sql of [TICKETS, IDENTITIES, CONVERSATIONS, REFERENCES, ...(search ? [SEARCH] : [])])
        await client.query(sql, span);
      await client.query(MESSAGES, [...span, textChars]);
    });
  }
  await database.transaction('*', (client) =>
    client.query(`INSERT INTO tickets.ticket_counters (tenant, last_number) VALUES ('shop', $1)`, [messages / 2]),
  );
  await database.pool.query('ANALYZE');
}
