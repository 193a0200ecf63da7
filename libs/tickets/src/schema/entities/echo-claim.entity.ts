import type { InboundMessageV1 } from '@fanin/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * An echo that was taken for a reply of ours by its words, before the provider's answer told the reply's id. Kept until
 * that answer comes: when it names another id, the message was somebody else's and is brought in after all.
 */
@Entity({ schema: 'tickets', name: 'echo_claims' })
export class EchoClaimEntity {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text', { name: 'outbound_id' })
  outboundId!: string;

  @Column('text', { name: 'provider_message_id' })
  providerMessageId!: string;

  @Column('json')
  message!: InboundMessageV1;

  @Column('timestamptz', { name: 'claimed_at' })
  claimedAt!: Date;
}
