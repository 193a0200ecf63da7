import { CHANNEL_FAMILIES, VISIBILITIES, type ChannelFamily, type Visibility } from '../vocabulary.js';
import { field } from '../fields.js';
import { Attachment, Party } from './shared.js';

/** A text that the provider approved beforehand, to be sent in place of free words. */
export class TemplateUse {
  @field.text({
    description: "The provider's id or name of the template.",
    maxLength: 128,
    minLength: 1,
    example: 'order_update',
  })
  id!: string;

  @field.text({
    description: 'Language of the template, as the provider writes it.',
    maxLength: 16,
    optional: true,
    example: 'en_US',
  })
  language?: string;

  @field.textMap({ description: 'What goes into its gaps, by name or position ("1", "2" …).' })
  variables!: Record<string, string>;
}

/** A reply on its way out. Topic outbound.messages, key = conversation key. */
export class OutboundMessageV1 {
  @field.text({ description: 'Id of the message row; the idempotency key of its delivery.', maxLength: 64 })
  outbound_id!: string;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({ description: 'Channel account to send from.', maxLength: 128 })
  account_id!: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Family of the channel.' })
  channel!: ChannelFamily;

  @field.text({ description: 'Slug of the channel.', maxLength: 64 })
  channel_slug!: string;

  @field.text({ description: 'Ticket.', maxLength: 64 })
  ticket_id!: string;

  @field.integer({ description: 'Number of the ticket.', minimum: 1 })
  ticket_number!: number;

  @field.text({ description: 'Conversation that it goes into.', maxLength: 1200 })
  conversation_key!: string;

  @field.oneOf(['reply', 'automatic'], {
    description: 'Written by a person, or by a rule (then marked as automatic mail).',
  })
  kind!: 'reply' | 'automatic';

  @field.objects(() => Party, { description: 'Whom it goes to.', maxItems: 100 })
  to!: Party[];

  @field.text({ description: 'Name of the agent, as the customer sees it.', maxLength: 255, nullable: true })
  author_name!: string | null;

  @field.text({ description: 'Subject, where the channel has one.', maxLength: 998, nullable: true })
  subject!: string | null;

  @field.text({ description: 'Text.', minLength: 1 })
  text!: string;

  @field.objects(() => Attachment, { description: 'Attachments by reference.', maxItems: 100 })
  attachments!: Attachment[];

  @field.text({ description: 'Provider message id that it answers.', maxLength: 998, nullable: true })
  in_reply_to!: string | null;

  @field.texts({ description: 'Provider message ids of the conversation, oldest first.', maxItems: 100 })
  references!: string[];

  @field.textMap({ description: 'provider_fields of the latest inbound message of the conversation.' })
  provider_fields!: Record<string, string>;

  @field.time({ description: 'When the agent sent it.' })
  created_at!: string;

  @field.oneOf(VISIBILITIES, {
    description: 'In public where the conversation is public, or privately; the channel decides when absent.',
    optional: true,
  })
  visibility?: Visibility;

  @field.object(() => TemplateUse, {
    description: 'Sent in place of `text`, which then says for people what it says.',
    optional: true,
  })
  template?: TemplateUse;
}
