import { DELIVERY_STATUSES, type DeliveryStatus } from '../vocabulary.js';
import { field } from '../fields.js';

/** What became of an outbound message. Topic outbound.receipts, key = outbound id. Statuses only move forward. */
export class OutboundReceiptV1 {
  @field.text({ description: 'Outbound message.', maxLength: 64 })
  outbound_id!: string;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({ description: 'Channel account.', maxLength: 128 })
  account_id!: string;

  @field.oneOf(DELIVERY_STATUSES, {
    description: 'Status. unknown: the provider cannot say whether it went out; a person must look.',
  })
  status!: DeliveryStatus;

  @field.text({ description: "The provider's id of the message that went out.", maxLength: 998, nullable: true })
  provider_message_id!: string | null;

  @field.text({ description: 'Error code of the closed list, for failed and unknown.', maxLength: 32, nullable: true })
  code!: string | null;

  @field.text({ description: 'Reason for people.', maxLength: 500, nullable: true })
  reason!: string | null;

  @field.time({ description: 'When it happened.' })
  at!: string;
}
