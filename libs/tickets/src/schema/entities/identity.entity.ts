import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * How a customer is known on a channel. `kind` is that of the contract's Party; a sender whose address failed DMARC is
 * kept apart under `<kind>_unverified`, so that a forged From never lands on somebody's customer record.
 */
@Entity({ schema: 'tickets', name: 'identities' })
export class IdentityEntity {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text')
  kind!: string;

  @PrimaryColumn('text')
  id!: string;

  @Column('uuid', { name: 'customer_id' })
  customerId!: string;

  @Column('text', { nullable: true })
  name!: string | null;
}
