import type {
  Attachment,
  BlobRef,
  ChannelFamily,
  DeliveryStatus,
  MessageKind,
  Party,
  Recipient,
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
}
