import type {
  Attachment,
  AutomaticMark,
  DeliveryReport,
  DeliveryStatus,
  Party,
  Recipient,
  ThreadingHints,
} from '@fanin/contracts';

/** A delivery as `normalise` gets it: the bytes back in one piece, whatever way they travelled. */
export interface Delivery {
  readonly deliveryId: string;
  readonly tenant: string;
  readonly accountId: string;
  readonly receivedAt: string;
  readonly contentType: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An attachment whose bytes the host will put into the object store, by their hash. */
export interface NewAttachment extends Omit<Attachment, 'key' | 'size' | 'sha256'> {
  readonly content: Buffer;
}

/** One message, less what the host fills in (ids, tenant, account, channel, received_at, references to blobs). */
export interface MessageDraft {
  readonly provider_message_id: string;
  /**
   * What tells two messages of one provider id apart, where the provider's ids can be repeated or stolen (a Message-ID);
   * part of the dedupe key. Absent where the provider's id is enough.
   */
  readonly provider_message_variant?: string;
  readonly conversation_key: string;
  readonly sender: Party;
  readonly sender_verified: boolean;
  readonly recipients: readonly Recipient[];
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly quoted_text: string | null;
  readonly attachments: readonly (Attachment | NewAttachment)[];
  readonly provider_time: string | null;
  readonly threading: ThreadingHints;
  readonly automatic: AutomaticMark | null;
  readonly delivery_report: DeliveryReport | null;
  readonly flags: readonly string[];
  readonly provider_fields: Readonly<Record<string, string>>;
}

/** News about a message that we sent. */
export interface ReceiptDraft {
  readonly outbound_id: string;
  readonly status: DeliveryStatus;
  readonly provider_message_id: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly at: string;
}

/**
 * What a delivery turned out to be. `messages` empty and `ignored` set: nothing for the ticket core (typing, read marks);
 * the fate is `ignored` with that rule. Both empty is a bug that the conformance suite finds.
 */
export interface Normalised {
  readonly messages: readonly MessageDraft[];
  readonly receipts?: readonly ReceiptDraft[];
  readonly ignored?: { readonly rule: string; readonly evidence: string };
}

/**
 * Pure: the same bytes give the same result a year later; no IO, no clock, no randomness. Asynchronous only because
 * heavy parsing may run in a worker. Throws FaninError BAD_PAYLOAD for what can never be read: it is dead-lettered with
 * the bytes; anything else thrown counts as BUG.
 */
export type Normalise = (delivery: Delivery) => Promise<Normalised>;
