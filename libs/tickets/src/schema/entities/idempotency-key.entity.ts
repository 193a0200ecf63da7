import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a request with an Idempotency-Key made, so that the same request sent again makes nothing. */
@Entity({ schema: 'tickets', name: 'idempotency_keys' })
export class IdempotencyKeyEntity {
  @PrimaryColumn('text')
  tenant!: string;

  /** Who sent it: keys of two API keys do not meet. */
  @PrimaryColumn('text', { name: 'principal_id' })
  principalId!: string;

  @PrimaryColumn('text')
  key!: string;

  /** SHA-256 of what was asked for. */
  @Column('text', { name: 'request_hash' })
  requestHash!: string;

  @Column('text', { name: 'message_id' })
  messageId!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
