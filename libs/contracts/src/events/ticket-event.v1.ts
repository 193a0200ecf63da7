import {
  ACTOR_TYPES,
  CHANNEL_FAMILIES,
  PRIORITIES,
  TICKET_STATUSES,
  type ActorType,
  type ChannelFamily,
  type Priority,
  type TicketStatus,
} from '../vocabulary.js';
import { field } from '../fields.js';

export const TICKET_EVENT_TYPES = [
  'ticket.created',
  'message.added',
  'ticket.changed',
  'ticket.reopened',
  'message.delivery_changed',
  'task.added',
  'task.done',
  'task.reopened',
] as const;
export type TicketEventType = (typeof TICKET_EVENT_TYPES)[number];

export class Actor {
  @field.oneOf(ACTOR_TYPES, { description: 'Who did it. automation never counts as a human reply.' })
  type!: ActorType;

  @field.text({ description: 'Customer id, agent id or name of the automation.', maxLength: 128, nullable: true })
  id!: string | null;
}

/** State of the ticket after the event. */
export class TicketSnapshot {
  @field.text({ description: 'Ticket.', maxLength: 64 })
  id!: string;

  @field.integer({ description: 'Number within the tenant, for people.', minimum: 1 })
  number!: number;

  @field.text({ description: 'Subject.', maxLength: 998, nullable: true })
  subject!: string | null;

  @field.oneOf(TICKET_STATUSES, { description: 'Status.' })
  status!: TicketStatus;

  @field.oneOf(PRIORITIES, { description: 'Priority.' })
  priority!: Priority;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel that opened it.' })
  channel!: ChannelFamily;

  @field.text({ description: 'Account that opened it.', maxLength: 128 })
  account_id!: string;

  @field.texts({ description: 'Tags.', maxItems: 100, maxLength: 64 })
  tags!: string[];

  @field.text({ description: 'Team.', maxLength: 128, nullable: true })
  team_id!: string | null;

  @field.text({ description: 'Assignee.', maxLength: 128, nullable: true })
  assignee_id!: string | null;

  @field.text({ description: 'Customer.', maxLength: 64 })
  customer_id!: string;

  @field.text({ description: 'Ticket that this one follows up, after that was closed.', maxLength: 64, nullable: true })
  follow_up_of!: string | null;

  @field.time({ description: 'When it was made: our clock at capture of its first message.' })
  created_at!: string;
}

export class EventMessage {
  @field.text({ description: 'Message.', maxLength: 64 })
  id!: string;

  @field.oneOf(['inbound', 'outbound'], { description: 'Direction.' })
  direction!: 'inbound' | 'outbound';

  @field.oneOf(['public', 'note', 'event'], {
    description: 'public is seen by the customer, note is not, event is a machine’s (bounce, auto-reply).',
  })
  kind!: 'public' | 'note' | 'event';

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Channel of the message.' })
  channel!: ChannelFamily;

  @field.time({ description: "The provider's clock.", nullable: true })
  provider_time!: string | null;

  @field.time({ description: 'Our clock: capture of an inbound message, acceptance of an outbound one.' })
  received_at!: string;

  @field.text({ description: 'Status of an outbound message.', maxLength: 32, nullable: true })
  delivery_status!: string | null;
}

export class FieldChange {
  @field.text({
    description: 'Field of the ticket, e.g. status. Readers pass over fields they do not know.',
    maxLength: 64,
    pattern: /^[a-z_]+$/,
  })
  field!: string;

  @field.text({ description: 'Value before; tags joined by a comma.', nullable: true })
  from!: string | null;

  @field.text({ description: 'Value after.', nullable: true })
  to!: string | null;
}

/** Something that happened to a ticket. Topic ticket.events, key = ticket id, `seq` without gaps per ticket. */
export class TicketEventV1 {
  @field.text({ description: 'Id of the event, a pure function of ticket and seq.', maxLength: 64 })
  event_id!: string;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({ description: 'Ticket.', maxLength: 64 })
  ticket_id!: string;

  @field.integer({ description: 'Position in the life of the ticket, from 1, no gaps.', minimum: 1 })
  seq!: number;

  @field.text({
    description: 'What happened, e.g. ticket.created. Readers pass over types they do not know.',
    maxLength: 64,
    pattern: /^[a-z_]+\.[a-z_]+$/,
  })
  type!: TicketEventType;

  @field.time({
    description: 'When it happened: capture time for inbound messages, our clock otherwise. Metrics count by this.',
  })
  occurred_at!: string;

  @field.time({ description: 'When it was written.' })
  recorded_at!: string;

  @field.object(() => Actor, { description: 'Who did it.' })
  actor!: Actor;

  @field.object(() => EventMessage, {
    description:
      'The message, for ticket.created, message.added, ticket.reopened by a message and message.delivery_changed.',
    nullable: true,
  })
  message!: EventMessage | null;

  @field.objects(() => FieldChange, {
    description: 'Fields that changed with this event (a reply may also open the ticket).',
    maxItems: 20,
  })
  changes!: FieldChange[];

  @field.object(() => TicketSnapshot, { description: 'The ticket afterwards.' })
  ticket!: TicketSnapshot;
}
