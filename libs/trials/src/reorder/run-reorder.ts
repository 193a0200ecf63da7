import { createHash } from 'node:crypto';
import type { InboundMessageV1 } from '@fanin/contracts';
import { codeOf, createSystemClock, messageOf, silentLogger } from '@fanin/kernel';
import { createOutbox, openDatabase, PLATFORM_PART, prepareServiceRole, type Database } from '@fanin/platform';
import { createIntake, createPublishing, TICKETS_PART } from '@fanin/tickets';
import { seededRandom } from '../poison/trial-messages.js';
import { reorderMessages } from './reorder-messages.js';

export interface ReorderOptions {
  /** Of superusers: two empty databases, one for each order. */
  readonly databaseUrls: readonly [string, string];
  readonly messages: number;
  readonly seed: number;
  /** How often each message is delivered (default 5): three times the same delivery, the rest deliveries of their own. */
  readonly copies?: number;
  /** Takes the unique keys of messages and of their ids away, to see that the verdict shows it. */
  readonly withoutUniqueKeys?: boolean;
}

export interface ReorderVerdict {
  readonly deliveries: number;
  readonly messages: number;
  readonly stored: number;
  readonly doubled: number;
  readonly problems: readonly string[];
}

const BATCH = 25;
const SAME = 3;

/** All in order, once, by one ticket core; then shuffled, several times over, by two at once. What is stored must be the same. */
export async function runReorder(options: ReorderOptions): Promise<ReorderVerdict> {
  const { messages: count, seed, copies = 5, databaseUrls } = options;
  const random = seededRandom(seed);
  const messages = reorderMessages(count);
  const [ordered, mixed] = await Promise.all(databaseUrls.map((url) => openReplica(url)));
  if (ordered === undefined || mixed === undefined) throw new Error('two databases are needed');
  const second = await openReplica(databaseUrls[1], mixed.url);
  try {
    for (const batch of batches(messages)) await ordered.handle(batch);
    if (options.withoutUniqueKeys === true)
      await mixed.database.pool.query(
        `ALTER TABLE tickets.messages DROP CONSTRAINT messages_pkey CASCADE;
         ALTER TABLE tickets.message_references DROP CONSTRAINT message_references_pkey CASCADE`,
      );
    const deliveries = shuffled(
      messages.flatMap((message) => Array.from({ length: copies }, (_, copy) => deliveryOf(message, copy))),
      random,
    );
    const waiting = batches(deliveries);
    const failures: string[] = [];
    const work = async (replica: Replica): Promise<void> => {
      for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop())
        await replica.handle(batch).catch((error: unknown) => void failures.push(messageOf(error)));
    };
    await Promise.all([mixed, second, mixed, second].map(work));
    const verdict = judge(messages, deliveries.length, await stateOf(ordered.database), await stateOf(mixed.database));
    return { ...verdict, problems: [...verdict.problems, ...failures.slice(0, 5)] };
  } finally {
    await Promise.all([ordered, mixed, second].map(({ database }) => database.close()));
  }
}

interface Replica {
  readonly url: string;
  readonly database: Database;
  handle(batch: readonly InboundMessageV1[]): Promise<void>;
}

/** A ticket core of its own, with connections and memory of its own. */
async function openReplica(adminUrl: string, known?: string): Promise<Replica> {
  const url = known ?? (await prepareServiceRole(adminUrl));
  const clock = createSystemClock();
  const database = await openDatabase({ url, parts: [PLATFORM_PART, TICKETS_PART], clock, logger: silentLogger });
  const intake = createIntake({ database, clock, publishing: createPublishing(createOutbox('ticket-core')) });
  // As the settler does: a batch that lost every race is halved.
  const handle = async (batch: readonly InboundMessageV1[]): Promise<void> => {
    try {
      await intake.handleBatch(batch);
    } catch (error) {
      if (batch.length < 2 || codeOf(error) !== 'BUG') throw error;
      const middle = Math.ceil(batch.length / 2);
      await handle(batch.slice(0, middle));
      await handle(batch.slice(middle));
    }
  };
  return { url, database, handle };
}

function deliveryOf(message: InboundMessageV1, copy: number): InboundMessageV1 {
  return copy < SAME ? message : { ...message, delivery_id: `${message.delivery_id}-${copy}` };
}

function batches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, n) => all.slice(n * BATCH, (n + 1) * BATCH));
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => [random(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}

interface StoredRow {
  readonly id: string;
  readonly ticket: string;
  readonly kind: string;
  readonly text: string;
  readonly hidden: boolean;
}

async function stateOf(database: Database): Promise<readonly StoredRow[]> {
  const { rows } = await database.transaction('*', (client) =>
    client.query<StoredRow>(
      'SELECT provider_message_id AS id, ticket_id::text AS ticket, kind, text, hidden FROM tickets.messages ORDER BY 1, 3, 4',
    ),
  );
  return rows;
}

/**
 * What people see must not depend on the order: which messages are one conversation, what they say, and what is hidden.
 * Ids of tickets, and their numbers, follow the order in which they were opened.
 */
function judge(
  messages: readonly InboundMessageV1[],
  deliveries: number,
  ordered: readonly StoredRow[],
  mixed: readonly StoredRow[],
): ReorderVerdict {
  const problems: string[] = [];
  const doubled = mixed.length - new Set(mixed.map(({ id }) => id)).size;
  if (doubled > 0) problems.push(`${doubled} messages are stored more than once`);
  if (ordered.length !== messages.length)
    problems.push(`in order, ${ordered.length} of ${messages.length} were stored`);
  const [wanted, found] = [linesOf(ordered), linesOf(mixed)];
  if (hashOf(wanted) !== hashOf(found)) {
    const differing = [...found].filter((line) => !wanted.has(line));
    problems.push(`another state than in order: ${differing.length} messages differ`, ...differing.slice(0, 5));
  }
  return { deliveries, messages: messages.length, stored: mixed.length, doubled, problems };
}

/** A line a message: itself, and the first of those that share its ticket. */
function linesOf(rows: readonly StoredRow[]): ReadonlySet<string> {
  const firstOf = new Map<string, string>();
  for (const { ticket, id } of rows) if (!firstOf.has(ticket)) firstOf.set(ticket, id);
  return new Set(rows.map((row) => [row.id, firstOf.get(row.ticket), row.kind, row.text, row.hidden].join(' | ')));
}

function hashOf(lines: ReadonlySet<string>): string {
  return createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex');
}
