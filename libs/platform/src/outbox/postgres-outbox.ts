import { together } from '../database/together.js';
import type { Outbox } from './outbox.js';
import { packRecords } from './outbox-rows.js';

/** Rows above this are split: a row must fit into memory several times over on its way out. */
const MAX_ROW_BYTES = 4 * 1024 * 1024;

/** PostgreSQL channel that wakes the relay of a service; at most 63 bytes, which a service's name keeps. */
export function outboxChannel(service: string): string {
  return `fanin_outbox_${service}`;
}

/** Adds rows; the notification is part of the transaction and leaves with its commit. */
export function createOutbox(service: string): Outbox {
  return {
    async add(client, topic, records) {
      const packed = [...chunks(records)].map((chunk) => ({ bytes: packRecords(chunk), count: chunk.length }));
      const rows = packed.map(({ bytes, count }) =>
        client.query({
          name: 'fanin-outbox-add',
          text: `WITH added AS (
                   INSERT INTO platform.outbox (service, topic, records, record_count) VALUES ($1, $2, $3, $4) RETURNING 1
                 ) SELECT pg_notify($5, '') FROM added`,
          values: [service, topic, bytes, count, outboxChannel(service)],
        }),
      );
      await together(...rows);
    },
  };
}

function* chunks<T extends { readonly value: Buffer }>(records: readonly T[]): Generator<readonly T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  for (const record of records) {
    if (chunk.length > 0 && bytes + record.value.length > MAX_ROW_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += record.value.length;
  }
  if (chunk.length > 0) yield chunk;
}
