import type { PoolClient } from 'pg';
import type { EncodedRecord } from '@fanin/contracts';

/**
 * Records that leave in the transaction which decided them. One row holds the records of one topic of one transaction; a
 * relay under a lease publishes rows in order of id and deletes them after the log took them (at least once; readers
 * dedupe). Rows of one key cannot overtake each other as long as the writer holds a lock on what the key names.
 */
export interface Outbox {
  /** Adds to the outbox within the caller's transaction. No IO beside that. */
  add(client: PoolClient, topic: string, records: readonly EncodedRecord[]): Promise<void>;
}

/** Injection token of the outbox. */
export const OUTBOX = Symbol('Outbox');
