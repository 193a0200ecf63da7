import {
  CHANNEL_FAMILIES,
  field,
  PRIORITIES,
  TICKET_STATUSES,
  VISIBILITIES,
  type ChannelFamily,
  type Priority,
  type TemplateUse,
  type TicketStatus,
  type Visibility,
} from '@fanin/contracts';
import { PageQuery } from '@fanin/platform';

const STATUS_LIST = new RegExp(`^(${TICKET_STATUSES.join('|')})(,(${TICKET_STATUSES.join('|')}))*$`);

export class TicketListQuery extends PageQuery {
  @field.text({
    description: `Status (${TICKET_STATUSES.join(', ')}), or several joined by commas.`,
    maxLength: 100,
    pattern: STATUS_LIST,
    patternSays: `must be one of ${TICKET_STATUSES.join(', ')}, or several of them joined by commas`,
    optional: true,
    example: 'new,open',
  })
  status?: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel that opened the ticket.', optional: true })
  channel?: ChannelFamily;

  @field.oneOf(PRIORITIES, { description: 'Priority.', optional: true })
  priority?: Priority;

  @field.oneOf(VISIBILITIES, { description: 'Who can read the message that opened the ticket.', optional: true })
  visibility?: Visibility;

  @field.oneOf(['open'], {
    description: 'open: tickets with a task that is not done, what is due first coming first.',
    optional: true,
  })
  task?: 'open';

  @field.text({ description: 'Team; none for tickets without.', maxLength: 128, minLength: 1, optional: true })
  team_id?: string;

  @field.text({ description: 'Assignee; none for tickets of nobody.', maxLength: 128, minLength: 1, optional: true })
  assignee_id?: string;

  @field.text({ description: 'A tag the ticket has.', maxLength: 64, optional: true })
  tag?: string;

  @field.text({
    description: 'Words of the subject or the messages (all must be there; "a phrase", -without), or a ticket number.',
    maxLength: 200,
    minLength: 1,
    optional: true,
    example: 'late parcel',
  })
  q?: string;

  @field.time({ description: 'Changed after this time.', optional: true, example: '2026-11-21T08:00:00.000Z' })
  updated_after?: string;
}

export class TicketPatch {
  @field.oneOf(TICKET_STATUSES, { description: 'New status. Closed is final.', optional: true })
  status?: TicketStatus;

  @field.oneOf(PRIORITIES, { description: 'New priority.', optional: true })
  priority?: Priority;

  @field.texts({
    description: 'All tags that the ticket shall have.',
    maxItems: 100,
    maxLength: 64,
    optional: true,
    example: ['refund'],
  })
  tags?: string[];

  @field.text({
    description: 'Assignee; null for nobody.',
    maxLength: 128,
    minLength: 1,
    optional: true,
    nullable: true,
    example: 'ada',
  })
  assignee_id?: string | null;

  @field.text({
    description: 'Team; null for none.',
    maxLength: 128,
    minLength: 1,
    optional: true,
    nullable: true,
    example: 'billing',
  })
  team_id?: string | null;
}

/** As in OutboundMessage, with variables that may be left out. */
export class TemplateInput implements Omit<TemplateUse, 'variables'> {
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

  @field.textMap({
    description: 'What goes into its gaps, by name or position ("1", "2" …).',
    optional: true,
    example: { 1: 'order 1042' },
  })
  variables?: Record<string, string>;
}

export class NoteInput {
  @field.text({ description: 'What was noted.', minLength: 1, maxLength: 65_536, example: 'Called the carrier.' })
  text!: string;
}

export class ReplyInput {
  @field.text({
    description:
      'What the customer gets to read; with a template, what it says, for colleagues (its name and values when left out).',
    minLength: 1,
    maxLength: 65_536,
    optional: true,
    example: 'It is on its way.',
  })
  text?: string;

  @field.oneOf(['open', 'pending', 'on_hold', 'solved'], {
    description: 'Status that the ticket takes with the reply. Without it a new ticket becomes open and others stay.',
    optional: true,
  })
  status?: 'open' | 'pending' | 'on_hold' | 'solved';

  @field.oneOf(VISIBILITIES, {
    description:
      'In public, where the conversation is public, or privately. Without it as the message that is answered.',
    optional: true,
  })
  visibility?: Visibility;

  @field.object(() => TemplateInput, {
    description: 'A text that the provider approved, sent in place of `text`, which tells people what it says.',
    optional: true,
  })
  template?: TemplateInput;
}

export class TaskPatch {
  @field.boolean({ description: 'Done, or to be done again.', example: true })
  done!: boolean;
}
