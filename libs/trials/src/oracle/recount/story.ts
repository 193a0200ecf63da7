import type { TicketEventV1 } from '@fanin/contracts';

/** Who spoke with an event: the customer, a human in public, a machine in public, a human among colleagues. */
export type Said = 'inbound' | 'reply' | 'machine' | 'note';

/** One event, reduced to what docs/metric-definitions.md speaks of. Times in epoch ms. */
export interface Moment {
  readonly seq: number;
  readonly at: number;
  readonly recordedAt: number;
  readonly creates: boolean;
  readonly said: Said | null;
  /** Of the ticket afterwards. */
  readonly status: string;
  readonly priority: string;
  readonly team: string | null;
  readonly assignee: string | null;
  readonly tags: readonly string[];
}

/** The life of a ticket as the log tells it, each event once. */
export interface Story {
  readonly tenant: string;
  readonly channel: string;
  readonly createdAt: number;
  readonly begunByAgent: boolean;
  readonly moments: readonly Moment[];
}

/** An event may come again (the outbox delivers at least once), but none may be missing and none come before its turn. */
export class Stories {
  private readonly told = new Map<string, Story & { readonly moments: Moment[] }>();
  private readonly lines: string[] = [];

  get byTicket(): ReadonlyMap<string, Story> {
    return this.told;
  }

  /** Lines on events that are missing or out of their order. */
  get faults(): readonly string[] {
    return this.lines;
  }

  add(event: TicketEventV1): void {
    const { ticket_id: id, seq } = event;
    const story = this.told.get(id) ?? beginning(event);
    this.told.set(id, story);
    const last = story.moments.at(-1)?.seq ?? 0;
    if (seq <= last) return this.again(story, event);
    if (seq !== last + 1) this.lines.push(`ticket ${id}: event ${seq} follows ${last}`);
    story.moments.push(momentOf(event));
  }

  /** What comes again must be what came before. */
  private again({ moments }: Story, event: TicketEventV1): void {
    const first = moments.find(({ seq }) => seq === event.seq);
    if (first !== undefined && JSON.stringify(first) !== JSON.stringify(momentOf(event)))
      this.lines.push(`ticket ${event.ticket_id}: there are two events ${event.seq}`);
  }
}

function beginning({ tenant, type, actor, ticket }: TicketEventV1): Story & { readonly moments: Moment[] } {
  return {
    tenant,
    channel: ticket.channel,
    createdAt: Date.parse(ticket.created_at),
    begunByAgent: type === 'ticket.created' && actor.type === 'agent',
    moments: [],
  };
}

function momentOf(event: TicketEventV1): Moment {
  const { ticket } = event;
  return {
    seq: event.seq,
    at: Date.parse(event.occurred_at),
    recordedAt: Date.parse(event.recorded_at),
    creates: event.type === 'ticket.created',
    said: saidIn(event),
    status: ticket.status,
    priority: ticket.priority,
    team: ticket.team_id,
    assignee: ticket.assignee_id,
    tags: ticket.tags,
  };
}

function saidIn({ type, message, actor }: TicketEventV1): Said | null {
  if (message === null || type === 'message.delivery_changed' || message.kind === 'event') return null;
  if (message.kind === 'note') return 'note';
  if (message.direction === 'outbound') return actor.type === 'agent' ? 'reply' : 'machine';
  return actor.type === 'customer' ? 'inbound' : null;
}
