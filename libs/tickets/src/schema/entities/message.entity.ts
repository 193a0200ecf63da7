import type {
  Attachment,
  BlobRef,
  ChannelFamily,
  DeliveryStatus,
  MessageKind,
  Party,
  Recipient,
  TemplateUse,
  Visibility,
} from '@fanin/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Why a message is on its ticket. */
export interface ThreadingEvidence {
  readonly rule: string;
  readonly evidence: string | null;
}

/** What is shown with a message but never searched by. Wire names. */
export interface MessageDetails {
  /** The contract's Party, or the agent who wrote it. */
  readonly from: { readonly kind: Party['kind'] | 'agent'; readonly id: string; readonly name: string | null };
  readonly to: readonly Recipient[];
  readonly attachments: readonly Attachment[];
  readonly flags: readonly string[];
  readonly threading: ThreadingEvidence;
  readonly provider_fields: Readonly<Record<string, string>>;
  readonly body_ref: BlobRef | null;
  readonly visibility?: Visibility;
  /** Outbound: another tool of the shop sent it, and we read of it. */
  readonly sent_elsewhere?: true;
  /** Replies: the message that was answered. */
  readonly answers?: string;
  /** Replies: sent in place of the text. */
  readonly template?: TemplateUse;
  /** Amendments: what they change. */
  readonly amends?: AmendmentDetails;
  /** Set when amendments were applied. */
  readonly amended?: AmendedDetails;
}

export interface AmendmentDetails {
  readonly provider_message_id: string;
  readonly change: string;
  readonly value: string | null;
  /** Text of the message before this change, for changes of the text that were applied. */
  readonly earlier_text?: string;
}

export interface Reaction {
  readonly value: string | null;
  readonly from: MessageDetails['from'];
  readonly at: string;
}

/** What amendments made of a message, and what it was: applying them starts from `original` every time. */
export interface AmendedDetails {
  /** edited, transcribed, deleted: shown as flags. */
  readonly changes: readonly string[];
  readonly reactions: readonly Reaction[];
  readonly original: {
    readonly text: string;
    readonly html: string | null;
    readonly quoted_text: string | null;
    readonly body_ref: BlobRef | null;
    readonly attachments: readonly Attachment[];
  };
}

/** What became of an outbound message. */
export interface MessageDelivery {
  readonly status: DeliveryStatus;
  readonly provider_message_id: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly at: string;
}

@Entity({ schema: 'tickets', name: 'messages' })
export class MessageEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  tenant!: string;

  @Column('uuid', { name: 'ticket_id' })
  ticketId!: string;

  /** Place in the ticket: `seq` of the event that added it. */
  @Column('int')
  seq!: number;

  @Column('text', { name: 'account_id' })
  accountId!: string;

  /** Inbound only; with tenant, account and part it decides duplicates. */
  @Column('text', { name: 'provider_message_id', nullable: true })
  providerMessageId!: string | null;

  @Column('int')
  part!: number;

  /** The delivery that brought it first. */
  @Column('text', { name: 'delivery_id', nullable: true })
  deliveryId!: string | null;

  @Column('text', { name: 'conversation_key' })
  conversationKey!: string;

  @Column('text')
  direction!: 'inbound' | 'outbound';

  @Column('text')
  kind!: MessageKind;

  @Column('text')
  channel!: ChannelFamily;

  @Column('text', { name: 'channel_slug' })
  channelSlug!: string;

  @Column('text', { nullable: true })
  subject!: string | null;

  @Column('text')
  text!: string;

  @Column('text', { nullable: true })
  html!: string | null;

  @Column('text', { name: 'quoted_text', nullable: true })
  quotedText!: string | null;

  @Column('json')
  details!: MessageDetails;

  @Column('timestamptz', { name: 'provider_time', nullable: true })
  providerTime!: Date | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;

  /** Outbound public messages only. */
  @Column('json', { nullable: true })
  delivery!: MessageDelivery | null;

  /** Amendments only: the message that is changed, which may not have come yet. */
  @Column('text', { name: 'amends_id', nullable: true })
  amendsId!: string | null;

  /** Its sender took it back: kept, but neither shown nor found. */
  @Column('boolean')
  hidden!: boolean;
}
