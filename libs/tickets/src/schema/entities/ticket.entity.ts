import type { ChannelFamily, Priority, ReplyWindow, TicketStatus, Visibility } from '@fanin/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Wire names. */
export interface StoredWindows {
  /** The message that the windows are counted from. */
  readonly message_id: string;
  /** The provider's time of it, else ours. */
  readonly at: string;
  readonly windows: readonly ReplyWindow[];
}

@Entity({ schema: 'tickets', name: 'tickets' })
export class TicketEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  tenant!: string;

  /** Counted per tenant without gaps. */
  @Column('bigint')
  number!: string;

  @Column('text', { nullable: true })
  subject!: string | null;

  @Column('text')
  status!: TicketStatus;

  @Column('text')
  priority!: Priority;

  @Column('text')
  channel!: ChannelFamily;

  @Column('text', { name: 'account_id' })
  accountId!: string;

  @Column('text', { array: true })
  tags!: string[];

  @Column('text', { name: 'team_id', nullable: true })
  teamId!: string | null;

  @Column('text', { name: 'assignee_id', nullable: true })
  assigneeId!: string | null;

  @Column('uuid', { name: 'customer_id' })
  customerId!: string;

  /** Who may enter by a reference: `kind:id` of the customer and of To and Cc of earlier messages. */
  @Column('text', { array: true })
  participants!: string[];

  @Column('uuid', { name: 'follow_up_of', nullable: true })
  followUpOf!: string | null;

  /** Set when closed and continued (or merged): whoever is led here goes on to that ticket. */
  @Column('uuid', { name: 'followed_up_by', nullable: true })
  followedUpBy!: string | null;

  /** `seq` of its latest event. */
  @Column('int', { name: 'last_seq' })
  lastSeq!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'first_replied_at', nullable: true })
  firstRepliedAt!: Date | null;

  @Column('timestamptz', { name: 'solved_at', nullable: true })
  solvedAt!: Date | null;

  @Column('timestamptz', { name: 'closed_at', nullable: true })
  closedAt!: Date | null;

  /** That of its first message, where the channel tells. */
  @Column('text', { nullable: true })
  visibility!: Visibility | null;

  /** How the conversation may be answered, as its latest message of the customer said. */
  @Column('json', { name: 'reply_windows', nullable: true })
  replyWindows!: StoredWindows | null;
}
