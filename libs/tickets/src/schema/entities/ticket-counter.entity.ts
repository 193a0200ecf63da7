import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Latest ticket number of a tenant. Locked last in a transaction and only by those that open tickets. */
@Entity({ schema: 'tickets', name: 'ticket_counters' })
export class TicketCounterEntity {
  @PrimaryColumn('text')
  tenant!: string;

  @Column('bigint', { name: 'last_number' })
  lastNumber!: string;
}
