import type { BlobStore } from '@fanin/connector-kit';
import { isoTime, uuidv7, type Clock } from '@fanin/kernel';
import type { Database } from '../database/database.js';
import type { ArchivedDelivery, RawArchive } from './raw-archive.js';

/** How long a delivery captured less than `FRESH_MS` ago is waited for. */
const WAIT_MS = 5_000;
const FRESH_MS = 60_000;
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface IndexRow {
  readonly segment: string;
  readonly start_byte: string;
  readonly end_byte: string;
  readonly content_type: string;
}

/**
 * Segment first, index after: a crash between the two leaves a segment that nobody names, never an index row without
 * bytes. Deliveries of several tenants share a segment; who may read is decided at the index row.
 */
export function createRawArchive(database: Database, blobs: BlobStore, clock: Clock): RawArchive {
  async function unknownOf(deliveries: readonly ArchivedDelivery[]): Promise<ArchivedDelivery[]> {
    const found = await database.transaction('*', (client) =>
      client.query<{ delivery_id: string }>('SELECT delivery_id FROM platform.raw_index WHERE delivery_id = ANY($1)', [
        deliveries.map(({ deliveryId }) => deliveryId),
      ]),
    );
    const known = new Set(found.rows.map((row) => row.delivery_id));
    const fresh = new Map<string, ArchivedDelivery>();
    for (const delivery of deliveries) {
      if (!known.has(delivery.deliveryId) && !fresh.has(delivery.deliveryId)) fresh.set(delivery.deliveryId, delivery);
    }
    return [...fresh.values()];
  }

  async function rowOf(tenant: string, deliveryId: string): Promise<IndexRow | undefined> {
    const found = await database.transaction(tenant, (client) =>
      client.query<IndexRow>(
        'SELECT segment, start_byte, end_byte, content_type FROM platform.raw_index WHERE delivery_id = $1',
        [deliveryId],
      ),
    );
    return found.rows[0];
  }

  function isFresh(deliveryId: string): boolean {
    const [, high, low] = UUID_V7.exec(deliveryId) ?? [];
    if (high === undefined || low === undefined) return false;
    return Math.abs(clock.now() - Number.parseInt(high + low, 16)) < FRESH_MS;
  }

  return {
    async store(deliveries) {
      const fresh = await unknownOf(deliveries);
      if (fresh.length === 0) return;
      const now = clock.now();
      const segment = `raw/${isoTime(now).slice(0, 10).replaceAll('-', '/')}/${uuidv7(now)}`;
      await blobs.put(segment, Buffer.concat(fresh.map(({ body }) => body)));
      let at = 0;
      const starts = fresh.map(({ body }) => (at += body.length) - body.length);
      await database.transaction('*', (client) =>
        client.query(
          `INSERT INTO platform.raw_index (delivery_id, tenant, segment, start_byte, end_byte, content_type)
           SELECT d.id, d.tenant, $1, d.start_byte, d.end_byte, d.content_type
           FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[]) AS d (id, tenant, start_byte, end_byte, content_type)
           ON CONFLICT (delivery_id) DO NOTHING`,
          [
            segment,
            fresh.map(({ deliveryId }) => deliveryId),
            fresh.map(({ tenant }) => tenant),
            starts,
            fresh.map(({ body }, i) => (starts[i] ?? 0) + body.length),
            fresh.map(({ contentType }) => contentType.replaceAll('\u0000', '')),
          ],
        ),
      );
    },

    async read(tenant, deliveryId) {
      const until = clock.monotonicMs() + (isFresh(deliveryId) ? WAIT_MS : 0);
      let row = await rowOf(tenant, deliveryId);
      while (row === undefined && clock.monotonicMs() < until) {
        await clock.sleep(100);
        row = await rowOf(tenant, deliveryId);
      }
      if (row === undefined) return null;
      const range = { start: Number(row.start_byte), end: Number(row.end_byte) };
      return { body: await blobs.get(row.segment, range), contentType: row.content_type };
    },
  };
}
