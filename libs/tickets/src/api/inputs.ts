import {
  CHANNEL_FAMILIES,
  field,
  PRIORITIES,
  TICKET_STATUSES,
  type ChannelFamily,
  type Priority,
  type TicketStatus,
} from '@fanin/contracts';

const STATUS_LIST = new RegExp(`^(${TICKET_STATUSES.join('|')})(,(${TICKET_STATUSES.join('|')}))*$`);

export class PageQuery {
  @field.integer({
    description: 'How many at most (default 50).',
    minimum: 1,
    maximum: 200,
    optional: true,
    example: 50,
  })
  limit?: number;

  @field.text({ description: '`next_cursor` of the page before.', maxLength: 500, optional: true })
  cursor?: string;
}

export class TicketListQuery extends PageQuery {
  @field.text({
    description: 'Status, or several joined by commas.',
    pattern: STATUS_LIST,
    optional: true,
    example: 'new,open',
  })
  status?: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel that opened the ticket.', optional: true })
  channel?: ChannelFamily;

  @field.oneOf(PRIORITIES, { description: 'Priority.', optional: true })
  priority?: Priority;

  @field.text({ description: 'Team.', maxLength: 128, optional: true })
  team_id?: string;

  @field.text({ description: 'Assignee.', maxLength: 128, optional: true })
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

export class NoteInput {
  @field.text({ description: 'What was noted.', minLength: 1, maxLength: 65_536, example: 'Called the carrier.' })
  text!: string;
}

export class ReplyInput {
  @field.text({
    description: 'What the customer gets to read.',
    minLength: 1,
    maxLength: 65_536,
    example: 'It is on its way.',
  })
  text!: string;

  @field.oneOf(['open', 'pending', 'on_hold', 'solved'], {
    description: 'Status that the ticket takes with the reply. Without it a new ticket becomes open and others stay.',
    optional: true,
  })
  status?: 'open' | 'pending' | 'on_hold' | 'solved';
}
