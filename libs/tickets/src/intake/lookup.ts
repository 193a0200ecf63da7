import { together } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { lockTickets } from '../tickets/ticket-rows.js';
import { ticketNumberIn } from '../threading/subject-tag.js';
import { plainColumn, textColumn, type Column } from '../sql/columns.js';
import type { ReferenceOrigin } from '../schema/entities/message-reference.entity.js';
import { mapKey, referenceKeyOf, type KeyedMessage } from './batch-keys.js';
import type { BatchState, StoredReference } from './batch-state.js';
import { findUnconfirmed, loadUnconfirmed } from '../echoes/unconfirmed-replies.js';
import { loadSentMessages } from '../receipts/sent-messages.js';

/** What a batch asks the database for: distinct keys, each split into the columns it is looked up by. */
class Questions {
  readonly messages = new Map<string, readonly [string, string]>();
  readonly references = new Map<string, readonly [string, string]>();
  readonly conversations = new Map<string, readonly [string, string, string]>();
  readonly identities = new Map<string, readonly [string, string, string]>();
  readonly numbers = new Map<string, readonly [string, number]>();
  readonly tokens = new Map<string, readonly [string, string]>();

  add(keyed: KeyedMessage): void {
    const { message } = keyed;
    const { tenant, account_id: account } = message;
    this.messages.set(keyed.dedupeKey, [tenant, message.message_id]);
    this.reference(tenant, keyed.ownRef);
    for (const { key } of keyed.references) this.reference(tenant, key);
    if (keyed.conversation.in === 'references') this.reference(tenant, keyed.conversation.key);
    else this.conversations.set(keyed.conversation.key, [tenant, account, keyed.conversation.hash]);
    this.identities.set(keyed.identityKey, [tenant, keyed.identityKind, keyed.identityId]);
    const number = ticketNumberIn(message.subject);
    if (number !== undefined) this.numbers.set(mapKey.number(tenant, number), [tenant, number]);
    this.token(tenant, message.threading.reply_token);
    if (message.amends !== undefined)
      this.reference(tenant, referenceKeyOf(message, message.amends.provider_message_id));
    const report = message.delivery_report;
    if (report === null) return;
    this.token(tenant, report.outbound_id);
    if (report.provider_message_id !== null)
      this.reference(tenant, referenceKeyOf(message, report.provider_message_id));
  }

  private reference(tenant: string, key: string): void {
    this.references.set(key, [tenant, key.slice(tenant.length + 1)]);
  }

  private token(tenant: string, token: string | null): void {
    if (token !== null) this.tokens.set(mapKey.token(tenant, token), [tenant, token]);
  }
}

/**
 * OFFSET 0 keeps each part a look into the index per key. Left to itself the planner, which cannot know how many keys there
 * are, joins by hash and reads whole tables.
 */
const LOOKUP = {
  name: 'fanin-tickets-lookup',
  text: `
SELECT 'm' AS what, k.i AS i, f.ticket_id AS ticket, f.id AS a, f.delivery_id AS b
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k(tenant, id, i)
  CROSS JOIN LATERAL (SELECT m.ticket_id, m.id, m.delivery_id FROM tickets.messages m
    WHERE m.id = k.id AND m.tenant = k.tenant OFFSET 0) AS f
UNION ALL
SELECT 'r', k.i, f.ticket_id, f.message_id, f.origin
  FROM unnest($3::text[], $4::uuid[]) WITH ORDINALITY AS k(tenant, hash, i)
  CROSS JOIN LATERAL (SELECT r.ticket_id, r.message_id, r.origin FROM tickets.message_references r
    WHERE r.tenant = k.tenant AND r.ref_hash = k.hash OFFSET 0) AS f
UNION ALL
SELECT 'c', k.i, f.ticket_id, NULL, NULL
  FROM unnest($5::text[], $6::text[], $7::uuid[]) WITH ORDINALITY AS k(tenant, account, hash, i)
  CROSS JOIN LATERAL (SELECT c.ticket_id FROM tickets.conversations c
    WHERE c.tenant = k.tenant AND c.account_id = k.account AND c.key_hash = k.hash OFFSET 0) AS f
UNION ALL
SELECT 'i', k.i, f.customer_id, f.name, NULL
  FROM unnest($8::text[], $9::text[], $10::text[]) WITH ORDINALITY AS k(tenant, kind, id, i)
  CROSS JOIN LATERAL (SELECT d.customer_id, d.name FROM tickets.identities d
    WHERE d.tenant = k.tenant AND d.kind = k.kind AND d.id = k.id OFFSET 0) AS f`,
};

/** Asked only when a message of the batch carries a subject tag or a reply token. */
const RARE_LOOKUP = `
SELECT 'n' AS what, k.i AS i, t.id AS ticket, NULL AS a, NULL AS b
  FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS k(tenant, number, i)
  JOIN tickets.tickets t ON t.tenant = k.tenant AND t.number = k.number
UNION ALL
SELECT 't', k.i, t.id, NULL, NULL
  FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS k(tenant, token, i)
  JOIN tickets.tickets t ON t.id = CASE WHEN k.token ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN k.token::uuid END AND t.tenant = k.tenant
UNION ALL
SELECT 't', k.i, m.ticket_id, m.id, NULL
  FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS k(tenant, token, i)
  JOIN tickets.messages m ON m.id = k.token AND m.tenant = k.tenant`;

interface Row {
  what: 'm' | 'r' | 'c' | 'i' | 'n' | 't';
  i: string;
  /** The customer for 'i'. */
  ticket: string;
  a: string | null;
  b: string | null;
}

/** One column for each kind, which is `textColumn` or `plainColumn`. */
function columns(
  tuples: Iterable<readonly (string | number)[]>,
  ...kinds: readonly ((values: readonly string[]) => Column)[]
): Column[] {
  const all: string[][] = kinds.map(() => []);
  for (const tuple of tuples) for (let at = 0; at < all.length; at += 1) all[at]?.push(String(tuple[at]));
  return kinds.map((kind, at) => kind(all[at] ?? []));
}

/**
 * Reads everything a batch needs and locks the tickets it may touch: in two ways there and back whatever its size, one more
 * when accounts wrote some of it themselves, and one for delivery reports.
 */
export async function readBatchState(client: PoolClient, batch: readonly KeyedMessage[]): Promise<BatchState> {
  const asked = new Questions();
  for (const keyed of batch) asked.add(keyed);
  const state: BatchState = {
    messages: new Map(),
    references: new Map(),
    conversations: new Map(),
    identities: new Map(),
    numbers: new Map(),
    tokens: new Map(),
    tickets: new Map(),
    sent: new Map(),
    unconfirmed: [],
  };
  const echoes = batch.flatMap(({ message }) =>
    message.author === 'account' && message.amends === undefined ? [message] : [],
  );
  const keys = [
    ...columns(asked.messages.values(), textColumn, textColumn),
    ...columns(asked.references.values(), textColumn, plainColumn),
    ...columns(asked.conversations.values(), textColumn, textColumn, plainColumn),
    ...columns(asked.identities.values(), textColumn, textColumn, textColumn),
  ];
  const rareKeys = [
    ...columns(asked.numbers.values(), textColumn, plainColumn),
    ...columns(asked.tokens.values(), textColumn, textColumn),
  ];
  const [found, rare, replies] = await together(
    client.query<Row>({ ...LOOKUP, values: keys }),
    asked.numbers.size + asked.tokens.size === 0 ? undefined : client.query<Row>(RARE_LOOKUP, rareKeys),
    echoes.length === 0 ? [] : findUnconfirmed(client, echoes),
  );
  fill(state, asked, found.rows);
  fill(state, asked, rare?.rows ?? []);
  const wanted = ticketIdsOf(state);
  for (const { ticketId } of replies) wanted.add(ticketId);
  for (const [id, ticket] of await lockTickets(client, [...wanted])) state.tickets.set(id, ticket);
  state.unconfirmed.push(
    ...(await loadUnconfirmed(
      client,
      replies.map(({ id }) => id),
    )),
  );
  await loadReportedMessages(client, batch, state);
  return state;
}

/** Tickets of stored copies are left out: a duplicate touches nothing. */
function ticketIdsOf(state: BatchState): Set<string> {
  const ids = new Set<string>(state.conversations.values());
  for (const { ticketId } of state.references.values()) ids.add(ticketId);
  for (const id of state.numbers.values()) ids.add(id);
  for (const { ticketId } of state.tokens.values()) ids.add(ticketId);
  return ids;
}

function fill(state: BatchState, asked: Questions, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  const keys = {
    m: [...asked.messages.keys()],
    r: [...asked.references.keys()],
    c: [...asked.conversations.keys()],
    i: [...asked.identities.keys()],
    n: [...asked.numbers.keys()],
    t: [...asked.tokens.keys()],
  };
  for (const { what, i, ticket, a, b } of rows) {
    const key = keys[what][Number(i) - 1] ?? '';
    if (what === 'm') state.messages.set(key, { id: a ?? '', ticketId: ticket, deliveryId: b });
    else if (what === 'r') state.references.set(key, referenceOf(ticket, a ?? '', b as ReferenceOrigin));
    else if (what === 'c') state.conversations.set(key, ticket);
    else if (what === 'i') state.identities.set(key, { customerId: ticket, name: a });
    else if (what === 'n') state.numbers.set(key, ticket);
    else state.tokens.set(key, { ticketId: ticket, outboundId: a });
  }
}

function referenceOf(ticketId: string, messageId: string, origin: ReferenceOrigin): StoredReference {
  return { ticketId, messageId, origin, storedOrigin: origin };
}

/** The outbound messages that delivery reports of the batch speak of. */
async function loadReportedMessages(
  client: PoolClient,
  batch: readonly KeyedMessage[],
  state: BatchState,
): Promise<void> {
  const ids = new Set<string>();
  for (const { message } of batch) {
    if (message.delivery_report !== null) {
      const id = reportedMessageId(message, state);
      if (id !== undefined) ids.add(id);
    }
  }
  for (const sent of await loadSentMessages(client, [...ids])) state.sent.set(sent.id, sent);
}

/** Which message of ours a report is about: by the verified id, else by the id of a mail that we sent. */
export function reportedMessageId(message: KeyedMessage['message'], state: BatchState): string | undefined {
  const report = message.delivery_report;
  if (report === null) return undefined;
  if (report.outbound_id !== null) {
    const named = state.tokens.get(mapKey.token(message.tenant, report.outbound_id))?.outboundId;
    if (named !== null && named !== undefined) return named;
  }
  if (report.provider_message_id === null) return undefined;
  const known = state.references.get(referenceKeyOf(message, report.provider_message_id));
  return known?.origin === 'sent' ? known.messageId : undefined;
}
