import type { RawDeliveryV1 } from '@fanin/contracts';
import type { BlobStore } from '@fanin/connector-kit';
import type { CrashPoints } from '@fanin/kernel';
import { storableJson, type Database, type RawArchive } from '@fanin/platform';

export interface DeliveryRecorderOptions {
  readonly database: Database;
  readonly archive: RawArchive;
  readonly blobs: BlobStore;
  /** None when absent. */
  readonly crashPoints?: CrashPoints;
}

const RECORD = {
  name: 'fanin-ledger-deliveries',
  text: `INSERT INTO ledger.deliveries (delivery_id, tenant, account_id, channel, channel_slug, content_type, body_size, body_sha256, received_at)
    SELECT * FROM jsonb_to_recordset($1) AS r (delivery_id text, tenant text, account_id text, channel text, channel_slug text,
      content_type text, body_size bigint, body_sha256 text, received_at timestamptz)
    ON CONFLICT (delivery_id) DO NOTHING`,
};

/** The bytes of a delivery, in whichever way they travelled. */
export async function bodyOf(delivery: RawDeliveryV1, blobs: BlobStore): Promise<Buffer> {
  if (delivery.body_ref !== null) return blobs.get(delivery.body_ref.key);
  return Buffer.from(delivery.body ?? '', delivery.body_encoding === 'base64' ? 'base64' : 'utf8');
}

/**
 * Writes down that deliveries were captured, and keeps their bytes. Reads inbound.raw itself, so that "captured" is counted
 * from the log and not from what connectors say of themselves. Idempotent by delivery id.
 */
export class DeliveryRecorder {
  constructor(private readonly options: DeliveryRecorderOptions) {}

  async record(deliveries: readonly RawDeliveryV1[]): Promise<void> {
    const { database, archive, blobs, crashPoints } = this.options;
    const archived = await Promise.all(
      deliveries.map(async (delivery) => ({
        deliveryId: delivery.delivery_id,
        tenant: delivery.tenant,
        contentType: delivery.content_type,
        body: await bodyOf(delivery, blobs),
      })),
    );
    await archive.store(archived);
    crashPoints?.at('ledger.archived');
    const rows = deliveries.map(
      ({ body: _body, body_ref: _ref, body_encoding: _encoding, meta: _meta, ...row }) => row,
    );
    await database.statement('*', RECORD, [storableJson(rows)]);
  }
}
