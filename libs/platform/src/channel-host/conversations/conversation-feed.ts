import type { ConversationEntry } from '@fanin/connector-kit';
import { messageOf } from '@fanin/kernel';
import { together } from '../../database/together.js';
import pg from 'pg';
import type { HostParts } from '../host-settings.js';
import { backOffMs } from '../host-settings.js';
import { entryOf, type EntryRow } from './conversation-log.js';

export interface ConversationFeed {
  subscribe(listener: (entry: ConversationEntry) => void): () => void;
  /**
   * Resolves when everything that is appended from now on will be told. Reading after that leaves no gap between what was
   * read and what is told. At once when nobody is subscribed.
   */
  begun(): Promise<void>;
  close(): Promise<void>;
}

/** Who reads at every notification reads for one entry at a time; nobody sees a line of a chat come so much later. */
const LINGER_MS = 30;
/** Conversations whose last told entry is remembered; of one that fell out an entry may be told twice. */
const REMEMBERED = 20_000;

/**
 * New entries since a position in the order of transactions. What began after `$1` was taken as the oldest running
 * transaction has a number not below it, whenever it commits: nothing is passed over, some entries come twice.
 */
const SINCE = `
  SELECT conversation_id, seq, direction, entry_id, payload, at FROM channels.entries
  WHERE xact >= $1::xid8 ORDER BY conversation_id, seq`;

/**
 * Tells of every entry that any replica appends, in order of seq within a conversation. A notification only wakes; what is
 * told is read from the table, so a lost connection or notification delays and loses nothing. Listens while somebody is
 * subscribed.
 */
export function startConversationFeed(parts: HostParts): ConversationFeed {
  const listeners = new Set<(entry: ConversationEntry) => void>();
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return {
    begun: () => (running === undefined ? Promise.resolve() : begun),
    subscribe(listener) {
      listeners.add(listener);
      running ??= new Feed(parts, listeners, begin, stop.signal).run();
      return () => void listeners.delete(listener);
    },
    async close() {
      stop.abort();
      await running;
    },
  };
}

class Feed {
  private readonly told = new Map<string, number>();
  private position: string | undefined;
  private wake = new AbortController();

  constructor(
    private readonly parts: HostParts,
    private readonly listeners: ReadonlySet<(entry: ConversationEntry) => void>,
    private readonly begin: () => void,
    private readonly stop: AbortSignal,
  ) {}

  /** Never rejects. */
  async run(): Promise<void> {
    const { clock, logger, timings } = this.parts;
    for (let failures = 0; !this.stop.aborted;) {
      try {
        await this.listen(() => (failures = 0));
      } catch (error) {
        failures += 1;
        logger.warn('the feed of transcripts starts again', { reason: messageOf(error) });
        await clock.sleep(backOffMs(failures, 100, timings.backOffMaxMs / 10), this.stop);
      }
    }
  }

  private async listen(working: () => void): Promise<void> {
    const { clock, database, timings } = this.parts;
    const client = new pg.Client({ ...database.pool.options, application_name: 'fanin-conversations' });
    let broken: Error | undefined;
    // A reason of ours, for each line: the default one is an exception, which notes where it was made.
    const wakeUp = (): void => this.wake.abort('awake');
    client.on('error', (error) => {
      broken = error;
      wakeUp();
    });
    client.on('notification', wakeUp);
    this.stop.addEventListener('abort', wakeUp, { once: true });
    try {
      await client.connect();
      await client.query('LISTEN fanin_conversations');
      while (!this.stop.aborted) {
        if (broken !== undefined) throw broken;
        this.wake = new AbortController();
        await this.readOn(client);
        working();
        await clock.sleep(LINGER_MS, this.stop);
        await clock.sleep(timings.sweepMs, this.wake.signal);
      }
    } finally {
      this.stop.removeEventListener('abort', wakeUp);
      await client.end().catch(() => undefined);
    }
  }

  private async readOn(client: pg.Client): Promise<void> {
    // In this order: what begins in between is read now and once more. The first position is where the subscription begins.
    const [next, found] = await together(
      client.query<{ xmin: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin'),
      this.position === undefined
        ? undefined
        : client.query<EntryRow>({ name: 'fanin-conversations-since', text: SINCE, values: [this.position] }),
    );
    for (const row of found?.rows ?? []) this.tell(entryOf(row));
    this.position = next.rows[0]?.xmin;
    this.begin();
  }

  private tell(entry: ConversationEntry): void {
    const { logger } = this.parts;
    if ((this.told.get(entry.conversationId) ?? 0) >= entry.seq) return;
    this.told.delete(entry.conversationId);
    this.told.set(entry.conversationId, entry.seq);
    if (this.told.size > REMEMBERED) this.told.delete(this.told.keys().next().value ?? '');
    for (const listener of this.listeners) {
      try {
        listener(entry);
      } catch (error) {
        logger.error('a listener of transcripts failed', { reason: messageOf(error) });
      }
    }
  }
}
