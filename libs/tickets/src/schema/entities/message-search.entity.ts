import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Words of a message for full-text search, filled shortly after the message by the search indexer. */
@Entity({ schema: 'tickets', name: 'message_search' })
export class MessageSearchEntity {
  @PrimaryColumn('text', { name: 'message_id' })
  messageId!: string;

  @Column('text')
  tenant!: string;

  @Column('uuid', { name: 'ticket_id' })
  ticketId!: string;

  @Column('tsvector')
  document!: string;
}

/** Messages that wait for the search indexer: one row per tenant and transaction that wrote some. */
@Entity({ schema: 'tickets', name: 'search_queue' })
export class SearchQueueEntity {
  @PrimaryColumn('bigint', { generated: 'identity' })
  id!: string;

  @Column('text')
  tenant!: string;

  @Column('text', { name: 'message_ids', array: true })
  messageIds!: string[];
}
