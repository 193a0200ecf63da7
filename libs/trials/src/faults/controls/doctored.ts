import { BOTH_FORMS, type DoctoredControl } from './control.js';

const A_MESSAGE =
  "(SELECT id FROM tickets.messages WHERE direction = 'inbound' AND text ~ '#[^#[:space:]]+#' ORDER BY id LIMIT 1)";

/** What the tables would hold if a safeguard were missing that cannot be switched off from outside. */
const ROWS: readonly Omit<DoctoredControl, 'forms'>[] = [
  {
    name: 'lost',
    off: 'a transaction whose commit was reported and did not happen: one message is gone',
    sql: `DELETE FROM tickets.messages WHERE id = ${A_MESSAGE}`,
    count: ({ lost }) => lost,
  },
  {
    name: 'doubled',
    off: 'the key that decides duplicates: one message is there twice',
    sql: `INSERT INTO tickets.messages (id, tenant, ticket_id, seq, account_id, provider_message_id, part, delivery_id,
        conversation_key, direction, kind, channel, channel_slug, subject, text, html, quoted_text, details, provider_time,
        received_at, delivery, amends_id, hidden)
      SELECT id || '-again', tenant, ticket_id, seq + 1000, account_id, provider_message_id, part, delivery_id, conversation_key,
        direction, kind, channel, channel_slug, subject, text, html, quoted_text, details, provider_time, received_at, delivery,
        amends_id, hidden FROM tickets.messages WHERE id = ${A_MESSAGE}`,
    count: ({ doubled }) => doubled,
  },
  {
    name: 'order',
    off: 'one lane per partition with one send in flight: every conversation stands upside down',
    sql: "UPDATE tickets.messages SET seq = -seq WHERE direction = 'inbound'",
    count: ({ outOfOrder }) => outOfOrder,
  },
  {
    name: 'unsent',
    off: 'the queue of replies: transcripts and vendors never got them',
    sql: "DELETE FROM channels.entries WHERE direction = 'outbound'",
    count: ({ notSent }) => notSent,
  },
  {
    name: 'transcript',
    off: 'the feed behind the sockets: a visitor never was shown an entry of the transcript',
    sql: `INSERT INTO channels.entries (conversation_id, seq, direction, entry_id, payload)
      SELECT conversation_id, max(seq) + 1, 'outbound', 'unseen', '{}' FROM channels.entries GROUP BY conversation_id`,
    count: ({ lost }) => lost,
  },
  {
    name: 'file',
    off: 'the queue of files that a vendor does not give at once: messages stay without them',
    sql: `UPDATE tickets.messages SET details = (details::jsonb || '{"attachments": []}')::json WHERE direction = 'inbound'`,
    count: ({ lost }) => lost,
  },
  {
    name: 'note',
    off: 'the row behind an Idempotency-Key: an agent was told that a note is there',
    sql: `DELETE FROM tickets.messages WHERE id = (SELECT min(id) FROM tickets.messages WHERE kind = 'note')`,
    count: ({ lost }) => lost,
  },
  {
    name: 'fate',
    off: 'fates as part of the transaction: one delivery ended nowhere',
    sql: 'DELETE FROM ledger.fates WHERE delivery_id = (SELECT min(delivery_id) FROM ledger.fates)',
    count: ({ fatesAddUp }) => (fatesAddUp ? 0 : 1),
  },
  {
    name: 'dead-letter',
    off: 'retries before a record is set aside: one good message is a dead letter',
    sql: "UPDATE ledger.fates SET fate = 'dead_lettered' WHERE delivery_id = (SELECT min(delivery_id) FROM ledger.fates)",
    count: ({ deadLettered }) => deadLettered,
  },
  {
    name: 'fact-twice',
    off: 'the seq that facts remember: an event that came again was counted again',
    sql: `UPDATE analytics.ticket_facts SET inbound_count = inbound_count + 1
      WHERE ticket_id = (SELECT min(ticket_id) FROM analytics.ticket_facts)`,
    count: ({ metricsAgree }) => (metricsAgree ? 0 : 1),
  },
  {
    name: 'window-twice',
    off: 'windows counted from rows: a delta was added twice',
    sql: `UPDATE analytics.windows SET inbound_count = inbound_count + 1
      WHERE row_id = (SELECT min(row_id) FROM analytics.windows WHERE grain = 'hour')`,
    count: ({ metricsAgree }) => (metricsAgree ? 0 : 1),
  },
  {
    name: 'event-lost',
    off: 'events in the transaction of what they tell of: one ticket went on without its event',
    sql: 'UPDATE tickets.tickets SET last_seq = last_seq + 1 WHERE id = (SELECT min(id::text)::uuid FROM tickets.tickets)',
    count: ({ metricsAgree }) => (metricsAgree ? 0 : 1),
  },
];

export const DOCTORED: readonly DoctoredControl[] = ROWS.map((each) => ({ ...each, forms: BOTH_FORMS }));
