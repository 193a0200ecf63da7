import { cutByAny, messageOf, type Clock, type Logger } from '@fanin/kernel';
import type { Database } from '@fanin/platform';

export interface SearchIndexer {
  /** Indexes what waits; resolves to how many messages were done. Safe on several replicas at once. */
  indexSome(): Promise<number>;
  /** Cuts the pause short: something was queued. */
  wake(): void;
  close(): Promise<void>;
}

const PAUSE_MS = 2_000;
/** Nobody searches for what came this moment: a pass is a transaction, whatever its size. */
const LINGER_MS = 300;
/** Messages of one pass, about. */
const MANY = 1_000;
/** Words beyond this are not searched; a tsvector takes at most a megabyte. */
const MAX_TEXT_CHARS = 100_000;

const INDEX = `
WITH taken AS (
  DELETE FROM tickets.search_queue WHERE id IN (
    SELECT id FROM (
      SELECT id, sum(count) OVER (ORDER BY id) - count AS before
      FROM (SELECT id, cardinality(message_ids) AS count FROM tickets.search_queue ORDER BY id LIMIT ${MANY} FOR UPDATE SKIP LOCKED) q
    ) counted WHERE before < ${MANY})
  RETURNING message_ids
)
INSERT INTO tickets.message_search (message_id, tenant, ticket_id, document)
SELECT m.id, m.tenant, m.ticket_id, to_tsvector('simple', CASE WHEN m.hidden THEN '' ELSE left(concat_ws(' ', m.subject, m.text), ${MAX_TEXT_CHARS}) END)
FROM (SELECT DISTINCT unnest(message_ids) AS id FROM taken) q JOIN tickets.messages m ON m.id = q.id
ON CONFLICT (message_id) DO UPDATE SET ticket_id = EXCLUDED.ticket_id, document = EXCLUDED.document`;

/** Makes messages findable by their words, a moment after they were stored. */
export function createSearchIndexer(database: Database, clock: Clock, logger: Logger): SearchIndexer {
  const stop = new AbortController();
  let waking = new AbortController();

  const indexSome = async (): Promise<number> => (await database.statement('*', INDEX)).rowCount ?? 0;

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let done = 0;
      try {
        done = await indexSome();
      } catch (error) {
        logger.warn('the search index is behind', { reason: messageOf(error) });
      }
      if (done >= MANY) continue;
      if (done > 0) await clock.sleep(LINGER_MS, stop.signal);
      else await cutByAny([stop.signal, waking.signal], (cut) => clock.sleep(PAUSE_MS, cut));
      waking = new AbortController();
    }
  };
  const running = run();

  return {
    indexSome,
    wake: () => waking.abort(),
    close: async () => {
      stop.abort();
      await running;
    },
  };
}
