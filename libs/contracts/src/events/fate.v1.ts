import { CHANNEL_FAMILIES, FATES, type ChannelFamily, type FateName } from '../vocabulary.js';
import { field } from '../fields.js';

/** Where one part of a captured delivery ended. Topic inbound.fates, key = delivery id. Latest of (delivery_id, part) wins. */
export class FateV1 {
  @field.text({ description: 'Delivery.', maxLength: 64 })
  delivery_id!: string;

  @field.integer({
    description: 'Which part of the delivery, from 0. A delivery that yields no message has one part.',
    minimum: 0,
  })
  part!: number;

  @field.integer({ description: 'How many parts the delivery has.', minimum: 1 })
  parts!: number;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({ description: 'Channel account.', maxLength: 128 })
  account_id!: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Family of the channel.' })
  channel!: ChannelFamily;

  @field.oneOf(FATES, { description: 'The fate.' })
  fate!: FateName;

  @field.text({
    description: 'Name of the rule, for suppressed, ignored, quarantined and dead_lettered.',
    maxLength: 64,
    nullable: true,
  })
  rule!: string | null;

  @field.text({
    description: 'The fact that made the rule fire; for duplicates the first delivery.',
    maxLength: 500,
    nullable: true,
  })
  evidence!: string | null;

  @field.text({ description: 'Message row, if there is one.', maxLength: 64, nullable: true })
  message_id!: string | null;

  @field.text({ description: 'Ticket, if it belongs to one.', maxLength: 64, nullable: true })
  ticket_id!: string | null;

  @field.time({ description: 'When it was decided.' })
  decided_at!: string;
}
