/**
 * The originals, for as long as they are kept: bytes of captured deliveries packed into segments in the object store, one
 * segment per batch, with an index row per delivery. Written by the ledger, read by whoever shows an original.
 */
export interface RawArchive {
  /** Idempotent by delivery id. Resolves when segment and index are durable. */
  store(deliveries: readonly ArchivedDelivery[]): Promise<void>;
  /**
   * null when there is no such delivery in that tenant (or it is past its retention). The archive is filled from the log
   * beside everything else, so that the bytes of a delivery may follow a moment after its ticket: one that, by its id
   * (RFC 9562 §5.7), was captured less than a minute ago is waited for, up to 5 s.
   */
  read(tenant: string, deliveryId: string): Promise<{ readonly body: Buffer; readonly contentType: string } | null>;
}

export interface ArchivedDelivery {
  readonly deliveryId: string;
  readonly tenant: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Injection token of the archive. */
export const RAW_ARCHIVE = Symbol('RawArchive');
