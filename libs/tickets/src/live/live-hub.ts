import type { Clock, Logger } from '@fanin/kernel';
import { messageOf } from '@fanin/kernel';
import type { Database } from '@fanin/platform';
import pg from 'pg';
import { LIVE_CHANNEL, type LiveChange } from './live-channel.js';

/** A change with its position in this process's stream. */
export interface NumberedChange {
  readonly id: string;
  readonly change: LiveChange;
}

export interface LiveHub {
  /**
   * Calls back for every change committed by any replica from now on, in order of commit, whatever the tenant: the caller
   * filters. Returns the unsubscribe.
   */
  subscribe(listener: (change: NumberedChange) => void): () => void;
  /** What came after the change of that id; undefined when it is no longer (or not) known here. */
  since(id: string): readonly NumberedChange[] | undefined;
  /** Resolves when changes are being heard. */
  readonly listening: Promise<void>;
  close(): Promise<void>;
}

const KEPT = 2_000;
const RECONNECT_MS = 1_000;

/** Listens on a connection of its own, outside the pool, and connects again for as long as it lives. */
export function createLiveHub(database: Database, clock: Clock, logger: Logger): LiveHub {
  const listeners = new Set<(change: NumberedChange) => void>();
  const kept: NumberedChange[] = [];
  const stop = new AbortController();
  // Ids of another process, or of this one before its restart, must not look like ours.
  const epoch = clock.now().toString(36);
  let count = 0;
  let heard: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => (heard = resolve));

  const take = (payload: string): void => {
    for (const change of JSON.parse(payload) as LiveChange[]) {
      count += 1;
      const numbered = { id: `${epoch}-${count}`, change };
      kept.push(numbered);
      for (const listener of listeners) listener(numbered);
    }
    if (kept.length > 2 * KEPT) kept.splice(0, kept.length - KEPT);
  };

  const listen = async (): Promise<void> => {
    const client = new pg.Client({ ...database.pool.options, query_timeout: 5_000 });
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    client.on('error', leave);
    client.on('end', leave);
    stop.signal.addEventListener('abort', leave);
    client.on('notification', ({ payload }) => take(payload ?? '[]'));
    try {
      await client.connect();
      await client.query(`LISTEN ${LIVE_CHANNEL}`);
      heard();
      await left;
    } finally {
      stop.signal.removeEventListener('abort', leave);
      await client.end().catch(() => undefined);
    }
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await listen().catch((error: unknown) => logger.warn('live changes are not heard', { reason: messageOf(error) }));
      // What was said meanwhile is lost: nobody may resume across the gap.
      kept.length = 0;
      await clock.sleep(RECONNECT_MS, stop.signal);
    }
  };
  const running = run();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    since(id) {
      const at = kept.findIndex((one) => one.id === id);
      return at === -1 ? undefined : kept.slice(at + 1);
    },
    listening,
    async close() {
      stop.abort();
      await running;
      listeners.clear();
    },
  };
}
