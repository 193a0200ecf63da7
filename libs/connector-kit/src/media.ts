/** An attachment that the provider keeps and we have still to fetch. */
export interface RemoteAttachment {
  /**
   * What `MediaSource.fetch` finds it by: an address or an id, from the delivery alone, stable over redeliveries, no secret
   * in it. The bytes are kept under tenant, account and this text, so that a replay does not fetch them again.
   */
  readonly ref: string;
  readonly name: string;
  /** As the delivery says; 'application/octet-stream' when it does not. */
  readonly content_type: string;
  readonly inline: boolean;
}

export interface FetchedMedia {
  readonly content: Buffer;
  /** What the provider said with the bytes; undefined keeps what the delivery said. */
  readonly contentType?: string;
}

/**
 * Fetches attachments, with the capability 'media'. The host calls it between `normalise` and publishing, a few at a
 * time, and gives it 4 s; what is not there by then is fetched in the background (about 12 attempts over half an hour) and
 * added to its message as an amendment `attachments_added`. When it is gone for good, the amendment says so.
 */
export interface MediaSource {
  /**
   * Throws FaninError: TRANSIENT and RATE_LIMITED are tried again; BAD_PAYLOAD (gone, too large) and other codes are final.
   * Resolve ids to addresses anew at each call: addresses expire. Use `fetchGuarded` for addresses that came in a delivery.
   */
  fetch(attachment: RemoteAttachment, context: { readonly signal: AbortSignal }): Promise<FetchedMedia>;
}
