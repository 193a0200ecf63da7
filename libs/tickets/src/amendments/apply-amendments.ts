import { storableJson } from '@fanin/platform';
import type { PoolClient } from 'pg';
import type { MessageDetails } from '../schema/entities/message.entity.js';
import { queueForSearch } from '../search/search-queue.js';
import { amend, type AmendedMessage, type MessageContent, type StoredAmendment } from './amended-message.js';

interface Row {
  id: string;
  tenant: string;
  seq: number;
  text: string;
  html: string | null;
  quoted_text: string | null;
  details: MessageDetails;
  amends_id: string | null;
  at: Date;
}

const READ = `
SELECT id, tenant, seq, text, html, quoted_text, details, amends_id, coalesce(provider_time, received_at) AS at
FROM tickets.messages WHERE `;

/**
 * Brings the messages into line with all amendments of them that are stored, in three statements. Call it after the rows of
 * the transaction were inserted, with the tickets of the messages locked. Ids of messages that have not come are passed over.
 */
export async function applyAmendments(client: PoolClient, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return;
  const targets = (await client.query<Row>(`${READ} id = ANY ($1::text[])`, [messageIds])).rows;
  if (targets.length === 0) return;
  const amendments = (await client.query<Row>(`${READ} amends_id = ANY ($1::text[])`, [targets.map(({ id }) => id)]))
    .rows;
  const changed: { tenant: string; content: MessageContent; hidden: boolean }[] = [];
  for (const target of targets) {
    const own = amendments.filter(({ amends_id }) => amends_id === target.id);
    if (own.length === 0) continue;
    const result = amend(contentOf(target), own.map(amendmentOf));
    changed.push({ tenant: target.tenant, content: result.content, hidden: result.hidden });
    for (const row of own) changed.push({ tenant: row.tenant, ...amendmentAfter(row, result) });
  }
  await save(client, changed);
  await queueForSearch(
    client,
    changed.map(({ tenant, content }) => ({ tenant, id: content.id })),
  );
}

function contentOf(row: Row): MessageContent {
  return { id: row.id, text: row.text, html: row.html, quotedText: row.quoted_text, details: row.details };
}

function amendmentOf(row: Row): StoredAmendment {
  return { ...contentOf(row), seq: row.seq, at: row.at.toISOString() };
}

/** The row of an amendment keeps the text that it replaced. */
function amendmentAfter(row: Row, result: AmendedMessage): { content: MessageContent; hidden: boolean } {
  const content = contentOf(row);
  const earlier = result.earlierTexts.get(row.id);
  const { amends } = row.details;
  if (earlier === undefined || amends === undefined) return { content, hidden: result.hidden };
  return {
    content: { ...content, details: { ...row.details, amends: { ...amends, earlier_text: earlier } } },
    hidden: result.hidden,
  };
}

async function save(
  client: PoolClient,
  changed: readonly { readonly content: MessageContent; readonly hidden: boolean }[],
): Promise<void> {
  if (changed.length === 0) return;
  await client.query(
    `UPDATE tickets.messages m SET text = n.text, html = n.html, quoted_text = n.quoted_text, details = n.details, hidden = n.hidden
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::json[], $6::boolean[]) AS n(id, text, html, quoted_text, details, hidden)
     WHERE m.id = n.id`,
    [
      changed.map(({ content }) => content.id),
      changed.map(({ content }) => content.text),
      changed.map(({ content }) => content.html),
      changed.map(({ content }) => content.quotedText),
      changed.map(({ content }) => storableJson(content.details)),
      changed.map(({ hidden }) => hidden),
    ],
  );
}

/**
 * Writes down which message each amendment changes, resolves to those messages. Who amends an amendment (an edit of an
 * edit, where each has an id of its own) amends the message behind it.
 */
export async function linkAmendments(
  client: PoolClient,
  targets: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  if (targets.size === 0) return [];
  const { rows } = await client.query<{ amends_id: string }>(
    `UPDATE tickets.messages m SET amends_id = coalesce(t.amends_id, n.target)
     FROM unnest($1::text[], $2::text[]) AS n(id, target) LEFT JOIN tickets.messages t ON t.id = n.target
     WHERE m.id = n.id RETURNING m.amends_id`,
    [[...targets.keys()], [...targets.values()]],
  );
  return rows.map(({ amends_id }) => amends_id);
}

/** What waited under one id changes a message with another, e.g. a reply whose id the provider has only now told. */
export async function moveAmendments(client: PoolClient, moves: ReadonlyMap<string, string>): Promise<void> {
  const apart = [...moves].filter(([waiting, target]) => waiting !== target);
  if (apart.length === 0) return;
  await client.query(
    `UPDATE tickets.messages m SET amends_id = n.target
     FROM unnest($1::text[], $2::text[]) AS n(waiting, target) WHERE m.amends_id = n.waiting`,
    [apart.map(([waiting]) => waiting), apart.map(([, target]) => target)],
  );
}
