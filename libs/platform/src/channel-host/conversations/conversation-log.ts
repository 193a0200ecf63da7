import type { ConversationEntry, ConversationLog } from '@fanin/connector-kit';
import { FaninError, messageOf } from '@fanin/kernel';
import type { HostParts } from '../host-settings.js';
import { within } from '../within.js';
import { startConversationFeed } from './conversation-feed.js';

type Draft = Pick<ConversationEntry, 'direction' | 'entryId' | 'payload'>;
type Appended = Awaited<ReturnType<ConversationLog['append']>>;

interface Waiting {
  readonly conversationId: string;
  readonly draft: Draft;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

export interface OpenConversationLog extends ConversationLog {
  close(): Promise<void>;
}

/** `append` must answer within 2 s. */
const TIMEOUT_MS = 1_900;
const MAX_BATCH = 200;
const MAX_PAYLOAD_BYTES = 65_536;

/** One transaction for all that waits; sorted, so that two writers take row locks in the same order. */
const APPEND = {
  name: 'fanin-conversations-append',
  text: `
  SELECT w.i, a.* FROM (
    SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[]) AS t (i, conversation, direction, entry, payload)
    ORDER BY conversation, i
  ) AS w, LATERAL channels.append_entry(w.conversation, w.direction, w.entry, w.payload) AS a`,
};

const READ = {
  name: 'fanin-conversations-read',
  text: `
  SELECT conversation_id, seq, direction, entry_id, payload, at FROM channels.entries
  WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
};

export function createConversationLog(parts: HostParts): OpenConversationLog {
  const { database } = parts;
  const feed = startConversationFeed(parts);
  const waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (waiting.length > 0) await appendBatch(parts, waiting.splice(0, MAX_BATCH));
    flushing = undefined;
  }

  return {
    async append(conversationId, draft) {
      if (Buffer.byteLength(draft.payload) > MAX_PAYLOAD_BYTES)
        throw new FaninError('BAD_PAYLOAD', `an entry has at most ${MAX_PAYLOAD_BYTES} bytes`);
      const append = async (): Promise<Appended> => {
        await feed.begun();
        return new Promise<Appended>((resolve, reject) => {
          waiting.push({ conversationId, draft, resolve, reject });
          flushing ??= Promise.resolve().then(flush);
        });
      };
      return inTime(append());
    },
    async read(conversationId, afterSeq, limit) {
      const select = async (): Promise<ConversationEntry[]> => {
        await feed.begun();
        const found = await database.statement<EntryRow>('*', READ, [conversationId, afterSeq, limit]);
        return found.rows.map(entryOf);
      };
      return inTime(select());
    },
    onAppend: (listener) => feed.subscribe(listener),
    async close() {
      await flushing;
      await feed.close();
    },
  };
}

export interface EntryRow {
  readonly conversation_id: string;
  readonly seq: string;
  readonly direction: 'inbound' | 'outbound';
  readonly entry_id: string;
  readonly payload: string;
  readonly at: Date;
}

export function entryOf(row: EntryRow): ConversationEntry {
  return {
    seq: Number(row.seq),
    conversationId: row.conversation_id,
    direction: row.direction,
    entryId: row.entry_id,
    payload: row.payload,
    at: row.at.getTime(),
  };
}

/** Answers everybody in the batch; never rejects itself. */
async function appendBatch({ database }: HostParts, batch: readonly Waiting[]): Promise<void> {
  const values = [
    batch.map((_, index) => index),
    batch.map(({ conversationId }) => conversationId),
    batch.map(({ draft }) => draft.direction),
    batch.map(({ draft }) => draft.entryId),
    batch.map(({ draft }) => draft.payload),
  ];
  try {
    const done = await database.statement<
      Omit<EntryRow, 'conversation_id' | 'entry_id'> & { i: number; duplicate: boolean }
    >('*', APPEND, values);
    for (const row of done.rows) {
      const asked = batch[row.i];
      if (asked === undefined) continue;
      const entry = entryOf({ ...row, conversation_id: asked.conversationId, entry_id: asked.draft.entryId });
      asked.resolve({ entry, duplicate: row.duplicate });
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = (): Error =>
    new FaninError('TRANSIENT', 'the transcript cannot be reached, the database does not answer');
  try {
    return await within(work, TIMEOUT_MS, late);
  } catch (error) {
    if (error instanceof FaninError) throw error;
    throw new FaninError('BUG', `the transcript failed: ${messageOf(error)}`, { cause: error });
  }
}
