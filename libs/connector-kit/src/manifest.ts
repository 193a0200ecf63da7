import type { ChannelFamily } from '@fanin/contracts';

export const CAPABILITIES = [
  'replies',
  'attachments_in',
  'attachments_out',
  'html',
  'subjects',
  'receipts',
  'backfill',
  'connection_check',
  'threads_by_reference',
  /** A second door: lists at the provider what the first one missed (`ChannelInstance.reconcile`). */
  'reconcile',
  /** Attachments are fetched from the provider after the delivery (`ChannelInstance.media`). */
  'media',
  /** Messages that change earlier ones: edits, deletions, reactions, transcripts. */
  'amendments',
  /** A conversation can be public, and be answered in public or privately. */
  'visibility',
  /** The provider limits when and with what may be answered (`MessageDraft.reply_windows`). */
  'reply_windows',
  /** Replies by a text that the provider approved beforehand. */
  'templates',
  /** Customers can forbid and allow messages to themselves (`Normalised.consents`). */
  'consent',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What a channel says of itself without loading any SDK. */
export interface ChannelManifest {
  /** Name of the folder and of `accounts[].channel` in the configuration; kebab-case, at most 40 characters. */
  readonly slug: string;
  readonly family: ChannelFamily;
  /** For people, e.g. "E-mail by SMTP". */
  readonly title: string;
  readonly capture: 'webhook' | 'poll' | 'stream';
  readonly capabilities: readonly Capability[];
  readonly limits: {
    /** A delivery above this is refused at the door with the provider's own "too large". */
    readonly maxDeliveryBytes: number;
    /** Longest text of a reply, in characters; null for no limit. */
    readonly maxReplyChars: number | null;
  };
  /**
   * What sending twice does. 'idempotent': the same outbound id is delivered once however often `send` is called.
   * 'once': not so; the host never calls `send` again for an id whose first call may have gone out, and reports
   * `unknown` instead. 'reconciled': not so either, but `Deliver.reconcile` can find out whether it went out; the host asks
   * before it sends again, and reports `unknown` only when the provider cannot say.
   */
  readonly sending: 'idempotent' | 'once' | 'reconciled' | 'none';
  /** One delivery may hold several entries of the provider, of which one may be unreadable (`Normalised.rejected`). */
  readonly batches?: boolean;
  readonly maturity: 'experimental' | 'beta' | 'certified';
  /** Version of the kit it was written for. */
  readonly kit: 1;
}
