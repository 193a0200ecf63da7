import { CHANNEL_FAMILIES, VISIBILITIES, type ChannelFamily, type Visibility } from '../vocabulary.js';
import { field } from '../fields.js';
import { Attachment, BlobRef, Party, Recipient } from './shared.js';

/** What a delivery tells about the conversation that its message belongs to, as evidence for the ticket core. */
export class ThreadingHints {
  @field.text({
    description: 'Verified id from our signed reply address: a message id or ticket id that we minted.',
    maxLength: 128,
    nullable: true,
  })
  reply_token!: string | null;

  @field.texts({
    description:
      'Provider message ids this one answers, nearest first (In-Reply-To, then References from the last backwards).',
    maxItems: 100,
  })
  references!: string[];

  @field.text({ description: 'Subject without reply prefixes, for evidence only.', maxLength: 998, nullable: true })
  subject_base!: string | null;
}

/** Set when the message was written by a machine; such a message never opens a ticket. */
export class AutomaticMark {
  /** Not a closed list: a rule may be added without a new version. */
  @field.text({
    description:
      'Name of the rule that fired: auto_reply, bounce, feedback_report, own_loop, list_mail, null_sender, no_reply_sender, own_echo, loop_budget. The list may grow.',
    maxLength: 64,
    pattern: /^[a-z][a-z0-9_]*$/,
    example: 'auto_reply',
  })
  rule!: string;

  @field.text({ description: 'The header or fact that made it fire.', maxLength: 500 })
  evidence!: string;
}

/** A delivery report carried by the message (RFC 3464 for e-mail). */
export class DeliveryReport {
  @field.text({
    description: 'Provider message id of the message reported on, when it could be found.',
    maxLength: 998,
    nullable: true,
  })
  provider_message_id!: string | null;

  @field.text({
    description: 'Verified id of the outbound message, when our own address or id told it.',
    maxLength: 128,
    nullable: true,
  })
  outbound_id!: string | null;

  @field.oneOf(['failed', 'delayed', 'delivered', 'relayed', 'expanded'], { description: 'Action of the report.' })
  action!: string;

  @field.text({ description: 'Enhanced status code, e.g. 5.1.1.', maxLength: 32, nullable: true })
  status!: string | null;

  @field.text({ description: 'Diagnostic text of the remote side, without addresses.', maxLength: 500, nullable: true })
  diagnostic!: string | null;
}

/** A rule of the provider on how long, and with what, a conversation may be answered, counted from this message. */
export class ReplyWindow {
  @field.oneOf(VISIBILITIES, { description: 'Answers of this visibility are meant.' })
  visibility!: Visibility;

  /** Not a closed list: providers invent rules. */
  @field.text({
    description:
      "Name of the provider's rule: standard, human_agent, private_reply, customer_service, template, comment. The list may grow.",
    maxLength: 64,
    pattern: /^[a-z][a-z0-9_]*$/,
    example: 'human_agent',
  })
  rule!: string;

  @field.oneOf(['text', 'template'], {
    description: 'text: any words. template: only a text that the provider approved beforehand.',
  })
  sends!: 'text' | 'template';

  @field.time({ description: 'The window is open until then; null without end.', nullable: true })
  until!: string | null;

  @field.boolean({ description: 'Open for one answer only.' })
  once!: boolean;
}

/** Says that the message is news about an earlier one of the same account rather than a new utterance. */
export class Amendment {
  @field.text({ description: 'Provider message id of the message that it changes.', maxLength: 998, minLength: 1 })
  provider_message_id!: string;

  /** Not a closed list: readers show what they do not know as an event. */
  @field.text({
    description:
      'edited and transcribed (text is the new text of that message), attachments_added (attachments belong to that message), deleted, reacted, unreacted. The list may grow.',
    maxLength: 64,
    pattern: /^[a-z][a-z0-9_]*$/,
    example: 'edited',
  })
  change!: string;

  @field.text({ description: 'The reaction, for reacted and unreacted.', maxLength: 64, nullable: true })
  value!: string | null;
}

/** Something that the customer asked a person to do at a time. */
export class TaskRequest {
  @field.text({
    description: 'What: callback. The list may grow.',
    maxLength: 64,
    pattern: /^[a-z][a-z0-9_]*$/,
    example: 'callback',
  })
  kind!: string;

  @field.time({ description: 'When it is due; null for as soon as possible.', nullable: true })
  due_at!: string | null;

  @field.text({ description: 'For people, e.g. the number to call.', maxLength: 500, nullable: true })
  note!: string | null;
}

/** One message of a customer in the one shape of all channels. Topic inbound.messages, key = conversation key. */
export class InboundMessageV1 {
  @field.text({
    description: 'Id of the message: a pure function of tenant, account, provider message id and part.',
    maxLength: 64,
  })
  message_id!: string;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({ description: 'Channel account that received it.', maxLength: 128 })
  account_id!: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Family of the channel.' })
  channel!: ChannelFamily;

  @field.text({ description: 'Slug of the channel.', maxLength: 64 })
  channel_slug!: string;

  @field.text({ description: 'Delivery that the message was read from.', maxLength: 64 })
  delivery_id!: string;

  @field.integer({ description: 'Which message of the delivery, from 0.', minimum: 0 })
  part!: number;

  @field.integer({ description: 'How many messages the delivery holds.', minimum: 1 })
  parts!: number;

  @field.text({
    description: "The provider's own id of the message, the dedupe key within the account.",
    maxLength: 998,
    minLength: 1,
  })
  provider_message_id!: string;

  @field.text({
    description: 'Conversation, known from the delivery alone (hashed when used as a record key).',
    maxLength: 1200,
    minLength: 1,
  })
  conversation_key!: string;

  @field.object(() => Party, { description: 'Who wrote it.' })
  sender!: Party;

  @field.boolean({ description: 'The provider vouches for the sender (DMARC pass, signed visitor, platform id).' })
  sender_verified!: boolean;

  @field.objects(() => Recipient, { description: 'Whom it was sent to.', maxItems: 500 })
  recipients!: Recipient[];

  @field.text({ description: 'Subject, where the channel has one.', maxLength: 998, nullable: true })
  subject!: string | null;

  @field.text({ description: 'The new part of the text; empty when there is none.' })
  text!: string;

  @field.text({ description: 'Sanitised HTML, where the message had HTML.', nullable: true })
  html!: string | null;

  @field.text({ description: 'Quoted earlier text, set apart.', nullable: true })
  quoted_text!: string | null;

  @field.object(() => BlobRef, {
    description:
      'Where text, html and quoted_text are (a JSON object) when they are above 256 KiB together; the fields then hold a beginning.',
    nullable: true,
  })
  body_ref!: BlobRef | null;

  @field.objects(() => Attachment, { description: 'Attachments by reference.', maxItems: 1000 })
  attachments!: Attachment[];

  @field.time({ description: "The provider's clock.", nullable: true })
  provider_time!: string | null;

  @field.time({ description: 'Our clock at capture.' })
  received_at!: string;

  @field.object(() => ThreadingHints, { description: 'Evidence for threading.' })
  threading!: ThreadingHints;

  @field.object(() => AutomaticMark, { description: 'Set when a machine wrote it.', nullable: true })
  automatic!: AutomaticMark | null;

  @field.object(() => DeliveryReport, { description: 'Set when it reports on a delivery of ours.', nullable: true })
  delivery_report!: DeliveryReport | null;

  @field.texts({
    description: 'Facts worth a label, snake_case: unparsed, encrypted, dmarc_fail, backfilled, …',
    maxItems: 50,
    maxLength: 64,
  })
  flags!: string[];

  @field.textMap({
    description: 'What only this channel knows, flat strings; echoed in outbound messages of the conversation.',
  })
  provider_fields!: Record<string, string>;

  @field.oneOf(['customer', 'account'], {
    description:
      'account: the shop wrote it with another tool (an echo); the first recipient is the customer then. customer when absent.',
    optional: true,
  })
  author?: 'customer' | 'account';

  @field.oneOf(VISIBILITIES, { description: 'Who can read it; private when absent.', optional: true })
  visibility?: Visibility;

  @field.objects(() => ReplyWindow, {
    description:
      'How the conversation may be answered from now on; replaces what an earlier message of it said. No limits when absent.',
    maxItems: 10,
    optional: true,
  })
  reply_windows?: ReplyWindow[];

  @field.object(() => Amendment, { description: 'Set when it changes an earlier message.', optional: true })
  amends?: Amendment;

  @field.object(() => TaskRequest, {
    description: 'Set when the customer asked for something at a time.',
    optional: true,
  })
  task?: TaskRequest;
}
