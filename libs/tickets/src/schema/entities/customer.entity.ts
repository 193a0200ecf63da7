import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person behind one or more identities. */
@Entity({ schema: 'tickets', name: 'customers' })
export class CustomerEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  tenant!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
