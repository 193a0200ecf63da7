import {
  CHANNEL_FAMILIES,
  DELIVERY_STATUSES,
  field,
  MESSAGE_KINDS,
  PRIORITIES,
  TICKET_STATUSES,
  VISIBILITIES,
  type ChannelFamily,
  type DeliveryStatus,
  type MessageKind,
  type Priority,
  type TicketStatus,
  type Visibility,
} from '@fanin/contracts';

export class CustomerView {
  @field.text({ description: 'Customer.' }) id!: string;
  @field.text({ description: 'Name, when known; of a caller without one the number.', nullable: true }) name!:
    string | null;
}

/** A rule of the provider on answers, as it stands now. */
export class ReplyWindowView {
  @field.oneOf(VISIBILITIES, { description: 'Answers of this visibility are meant.' }) visibility!: Visibility;
  @field.text({ description: "Name of the provider's rule: standard, human_agent, private_reply …" }) rule!: string;
  @field.oneOf(['text', 'template'], { description: 'text: any words. template: an approved text only.' })
  sends!: 'text' | 'template';
  @field.time({ description: 'Open until then; null without end.', nullable: true }) until!: string | null;
  @field.boolean({ description: 'For one answer only.' }) once!: boolean;
  @field.boolean({ description: 'Such an answer can be sent now.' }) open!: boolean;
  @field.integer({ description: 'Until it closes; 0 when closed, null without end.', nullable: true })
  seconds_left!: number | null;
}

export class TaskView {
  @field.text({ description: 'Task.' }) id!: string;
  @field.text({ description: 'What: callback. The list may grow.' }) kind!: string;
  @field.time({ description: 'When it is due; null for as soon as possible.', nullable: true }) due_at!: string | null;
  @field.text({ description: 'For people.', nullable: true }) note!: string | null;
  @field.time({ description: 'When it was asked for.' }) created_at!: string;
  @field.time({ description: 'When it was done.', nullable: true }) done_at!: string | null;
  @field.text({ description: 'Who said so.', nullable: true }) done_by!: string | null;
}

export class TicketView {
  @field.text({ description: 'Ticket.' }) id!: string;
  @field.integer({ description: 'Number within the tenant.' }) number!: number;
  @field.text({ description: 'Subject of the first message.', nullable: true }) subject!: string | null;
  @field.oneOf(TICKET_STATUSES, { description: 'Status.' }) status!: TicketStatus;
  @field.oneOf(PRIORITIES, { description: 'Priority.' }) priority!: Priority;
  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel that opened it.' }) channel!: ChannelFamily;
  @field.text({ description: 'Account that opened it.' }) account_id!: string;
  @field.texts({ description: 'Tags.' }) tags!: string[];
  @field.text({ description: 'Team.', nullable: true }) team_id!: string | null;
  @field.text({ description: 'Assignee.', nullable: true }) assignee_id!: string | null;
  @field.object(() => CustomerView, { description: 'Who opened it.' }) customer!: CustomerView;
  @field.time({ description: 'Capture of its first message.' }) created_at!: string;
  @field.time({ description: 'Latest change.' }) updated_at!: string;
  @field.time({ description: 'First public reply of an agent.', nullable: true }) first_replied_at!: string | null;
  @field.time({ description: 'Solved; null again when reopened.', nullable: true }) solved_at!: string | null;
  @field.time({ description: 'Closed.', nullable: true }) closed_at!: string | null;
  @field.text({ description: 'Ticket that this one follows up, after that was closed.', nullable: true })
  follow_up_of!: string | null;
  @field.text({ description: 'Ticket that follows this one up.', nullable: true }) followed_up_by!: string | null;
  @field.oneOf(VISIBILITIES, { description: 'Of its first message, where the channel tells.', nullable: true })
  visibility!: Visibility | null;
  @field.objects(() => ReplyWindowView, { description: 'How it may be answered now; empty: no limits.' })
  reply_windows!: ReplyWindowView[];
  @field.objects(() => TaskView, { description: 'What the customer asked a person to do, oldest first.' })
  tasks!: TaskView[];
}

export class TicketPage {
  @field.objects(() => TicketView, { description: 'Latest change first.' }) data!: TicketView[];
  @field.text({ description: 'Give it back as `cursor` for the next page; null at the end.', nullable: true })
  next_cursor!: string | null;
}

export class PersonView {
  @field.text({ description: 'email, phone, visitor, social or agent.' }) kind!: string;
  @field.text({ description: 'Identity within the kind.' }) id!: string;
  @field.text({ description: 'Name as given.', nullable: true }) name!: string | null;
}

export class RecipientView extends PersonView {
  @field.text({ description: 'to, cc, bcc or envelope.' }) role!: string;
}

export class AttachmentView {
  @field.text({ description: 'File name.' }) name!: string;
  @field.text({ description: 'Media type as declared.' }) content_type!: string;
  @field.integer({ description: 'Bytes.' }) size!: number;
  @field.text({ description: 'SHA-256 of the bytes.' }) sha256!: string;
  @field.boolean({ description: 'Shown inside the text (cid:) rather than listed.' }) inline!: boolean;
  @field.text({ description: 'What `cid:` in the HTML refers to.', nullable: true }) content_id!: string | null;
}

export class ThreadingView {
  @field.text({ description: 'Rule that chose the ticket.' }) rule!: string;
  @field.text({ description: 'What the rule went by.', nullable: true }) evidence!: string | null;
}

export class DeliveryView {
  @field.oneOf(DELIVERY_STATUSES, { description: 'How far it came.' }) status!: DeliveryStatus;
  @field.text({ description: "The provider's id of what went out.", nullable: true }) provider_message_id!:
    string | null;
  @field.text({ description: 'Error code, for failed and unknown.', nullable: true }) code!: string | null;
  @field.text({ description: 'Reason for people.', nullable: true }) reason!: string | null;
  @field.time({ description: 'When that happened.' }) at!: string;
}

export class ReactionView {
  @field.text({ description: 'The reaction; null when the channel does not say which.', nullable: true })
  value!: string | null;
  @field.object(() => PersonView, { description: 'Whose it is.' }) from!: PersonView;
  @field.time({ description: 'When.' }) at!: string;
}

export class AmendsView {
  @field.text({ description: 'The message that was changed; it may not have come yet.' }) message_id!: string;
  @field.text({ description: "The provider's id of that message." }) provider_message_id!: string;
  @field.text({
    description: 'edited, transcribed, attachments_added, deleted, reacted, unreacted … The list may grow.',
  })
  change!: string;
  @field.text({ description: 'The reaction.', nullable: true }) value!: string | null;
  @field.text({ description: 'Text of the message before, where it was replaced.', nullable: true })
  earlier_text!: string | null;
}

export class TemplateView {
  @field.text({ description: "The provider's id or name of the template." }) id!: string;
  @field.text({ description: 'Language.', nullable: true }) language!: string | null;
  @field.textMap({ description: 'What went into its gaps.' }) variables!: Record<string, string>;
}

export class MessageView {
  @field.text({ description: 'Message.' }) id!: string;
  @field.text({ description: 'Ticket.' }) ticket_id!: string;
  @field.oneOf(['inbound', 'outbound'], { description: 'Direction.' }) direction!: 'inbound' | 'outbound';
  @field.oneOf(MESSAGE_KINDS, { description: 'public, note (agents only) or event (a machine wrote it).' })
  kind!: MessageKind;
  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel.' }) channel!: ChannelFamily;
  @field.object(() => PersonView, { description: 'Who wrote it.' }) from!: PersonView;
  @field.objects(() => RecipientView, { description: 'Whom it was sent to.' }) to!: RecipientView[];
  @field.text({ description: 'Subject.', nullable: true }) subject!: string | null;
  @field.text({ description: 'The new part of the text.' }) text!: string;
  @field.text({ description: 'Sanitised HTML.', nullable: true }) html!: string | null;
  @field.text({ description: 'Quoted earlier text.', nullable: true }) quoted_text!: string | null;
  @field.objects(() => AttachmentView, { description: 'By position: /messages/{id}/attachments/{n}, from 0.' })
  attachments!: AttachmentView[];
  @field.text({ description: "The provider's id.", nullable: true }) provider_message_id!: string | null;
  @field.time({ description: "The provider's clock.", nullable: true }) provider_time!: string | null;
  @field.time({ description: 'Our clock.' }) received_at!: string;
  @field.object(() => ThreadingView, { description: 'Why it is on this ticket.' }) threading!: ThreadingView;
  @field.texts({
    description:
      'Labels: edited, transcribed, deleted (the sender took it back: its words are not shown), sent_elsewhere …',
  })
  flags!: string[];
  @field.oneOf(VISIBILITIES, { description: 'Who can read it, where the channel tells.', nullable: true })
  visibility!: Visibility | null;
  @field.objects(() => ReactionView, { description: 'What people put to it, the latest of each.' })
  reactions!: ReactionView[];
  @field.object(() => AmendsView, { description: 'Set when it is news about another message.', nullable: true })
  amends!: AmendsView | null;
  @field.object(() => TemplateView, { description: 'Replies: what was sent in place of the text.', nullable: true })
  template!: TemplateView | null;
  @field.object(() => DeliveryView, { description: 'Outbound only.', nullable: true }) delivery!: DeliveryView | null;
}

export class MessagePage {
  @field.objects(() => MessageView, { description: 'Oldest first.' }) data!: MessageView[];
  @field.text({ description: 'Give it back as `cursor` for the next page; null at the end.', nullable: true })
  next_cursor!: string | null;
}
