import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Which ticket a conversation of a channel other than e-mail opened (the conversation of a mail is the root of its thread,
 * found among the message references). Later tickets of it are reached by `followed_up_by`.
 */
@Entity({ schema: 'tickets', name: 'conversations' })
export class ConversationEntity {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text', { name: 'account_id' })
  accountId!: string;

  /** Hash of the conversation key, which may be longer than an index entry. */
  @PrimaryColumn('uuid', { name: 'key_hash' })
  keyHash!: string;

  @Column('uuid', { name: 'ticket_id' })
  ticketId!: string;
}
