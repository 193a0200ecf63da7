import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `awaited`: named by an amendment, which is applied when the message comes; otherwise as `referenced`. */
export const REFERENCE_ORIGINS = ['seen', 'sent', 'referenced', 'awaited'] as const;
export type ReferenceOrigin = (typeof REFERENCE_ORIGINS)[number];

/**
 * Every provider message id that was seen, sent or named by another message, so that answers find their ticket and a
 * parent that comes late finds its answers. One id belongs to one ticket; the primary key is what two racing consumers
 * meet at.
 */
@Entity({ schema: 'tickets', name: 'message_references' })
export class MessageReferenceEntity {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('uuid', { name: 'ref_hash' })
  refHash!: string;

  @Column('uuid', { name: 'ticket_id' })
  ticketId!: string;

  /** The message that carries the id; for `referenced` the first one that named it. */
  @Column('text', { name: 'message_id' })
  messageId!: string;

  @Column('text')
  origin!: ReferenceOrigin;
}
