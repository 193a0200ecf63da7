import type {
  Amendment,
  Attachment,
  AutomaticMark,
  DeliveryReport,
  DeliveryStatus,
  Party,
  Recipient,
  ReplyWindow,
  TaskRequest,
  ThreadingHints,
  Visibility,
} from '@fanin/contracts';
import type { ErrorCode } from '@fanin/kernel';
import type { RemoteAttachment } from './media.js';

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
  readonly attachments: readonly (Attachment | NewAttachment | RemoteAttachment)[];
  readonly provider_time: string | null;
  readonly threading: ThreadingHints;
  readonly automatic: AutomaticMark | null;
  readonly delivery_report: DeliveryReport | null;
  readonly flags: readonly string[];
  readonly provider_fields: Readonly<Record<string, string>>;
  /** See InboundMessageV1 for these. */
  readonly author?: 'customer' | 'account';
  readonly visibility?: Visibility;
  readonly reply_windows?: readonly ReplyWindow[];
  readonly amends?: Amendment;
  readonly task?: TaskRequest;
}

/**
 * One entry of a batch that cannot be read while its neighbours can. The host dead-letters the delivery in its name and
 * sends the neighbours on their way; after a re-drive the neighbours are duplicates and the entry has another chance.
 */
export interface RejectedEntry {
  /** Its place among the parts of the delivery, messages and rejected entries counted together, from 0. */
  readonly at: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

/**
 * A customer forbade or allowed messages to a conversation (STOP, START). The latest by `at` holds: the host sends nothing
 * against it. Where a message said so it carries the flag `opt_out` or `opt_in`, and agents learn it as they answer.
 */
export interface ConsentDraft {
  readonly conversation_key: string;
  readonly state: 'opted_out' | 'opted_in';
  /** The word or button that said so. */
  readonly evidence: string;
  /** The provider's time, ISO 8601. */
  readonly at: string;
}

/**
 * News about a message that we sent. Which one is told by `outbound_id` where our own id came back with the news, else by
 * `provider_message_id`, else by `watermark`: all messages of that conversation sent up to that time. The host finds
 * them, and keeps news that come before the provider's answer to our call.
 */
export interface ReceiptDraft {
  readonly outbound_id: string | null;
  readonly watermark?: { readonly conversation_key: string; readonly up_to: string };
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
  readonly rejected?: readonly RejectedEntry[];
  readonly receipts?: readonly ReceiptDraft[];
  readonly consents?: readonly ConsentDraft[];
  readonly ignored?: { readonly rule: string; readonly evidence: string };
}

/**
 * Pure: the same bytes give the same result a year later; no IO, no clock, no randomness. Asynchronous only because
 * heavy parsing may run in a worker. Throws FaninError BAD_PAYLOAD for what can never be read: it is dead-lettered with
 * the bytes; anything else thrown counts as BUG.
 */
export type Normalise = (delivery: Delivery) => Promise<Normalised>;
