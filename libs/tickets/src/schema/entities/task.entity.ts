import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something that a customer asked a person to do, e.g. to call back. */
@Entity({ schema: 'tickets', name: 'tasks' })
export class TaskEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  tenant!: string;

  @Column('uuid', { name: 'ticket_id' })
  ticketId!: string;

  /** The message that asked for it. */
  @Column('text', { name: 'message_id' })
  messageId!: string;

  @Column('text')
  kind!: string;

  /** Null: as soon as possible. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt!: Date | null;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'done_at', nullable: true })
  doneAt!: Date | null;

  /** Who said so. */
  @Column('text', { name: 'done_by', nullable: true })
  doneBy!: string | null;
}
