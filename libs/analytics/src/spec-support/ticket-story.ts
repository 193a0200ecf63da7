import type { Actor, EventMessage, FieldChange, TicketEventV1, TicketSnapshot, TicketStatus } from '@fanin/contracts';

type Step = Partial<Pick<TicketSnapshot, 'status' | 'priority' | 'team_id' | 'assignee_id'>>;

/** Tells the life of one ticket as events, with times given in minutes after it began. */
export class TicketStory {
  readonly events: TicketEventV1[] = [];
  private snapshot: TicketSnapshot;

  constructor(
    private readonly startMs: number,
    private readonly options: {
      readonly id?: string;
      readonly tenant?: string;
      readonly channel?: TicketSnapshot['channel'];
    } = {},
  ) {
    this.snapshot = {
      id: options.id ?? 'ticket-1',
      number: 1,
      subject: 'Where is my order?',
      status: 'new',
      priority: 'normal',
      channel: options.channel ?? 'email',
      account_id: 'shop-mail',
      tags: [],
      team_id: null,
      assignee_id: null,
      customer_id: 'customer-1',
      follow_up_of: null,
      created_at: new Date(startMs).toISOString(),
    };
  }

  created(by: Actor['type'] = 'customer', kind: EventMessage['kind'] = 'public', after: Step = {}): this {
    return this.add('ticket.created', 0, by, by === 'customer' ? 'inbound' : 'outbound', kind, after);
  }

  customer(minute: number, after: Step = {}): this {
    const reopened = this.snapshot.status === 'solved' && after.status === 'open';
    return this.add(reopened ? 'ticket.reopened' : 'message.added', minute, 'customer', 'inbound', 'public', after);
  }

  agent(minute: number, after: Step = {}): this {
    return this.add('message.added', minute, 'agent', 'outbound', 'public', after);
  }

  automation(minute: number): this {
    return this.add('message.added', minute, 'automation', 'outbound', 'public');
  }

  note(minute: number): this {
    return this.add('message.added', minute, 'agent', 'outbound', 'note');
  }

  /** News about a message: an edit, a reaction, a recording. */
  amendment(minute: number, by: Actor['type'] = 'customer'): this {
    return this.add('message.added', minute, by, by === 'agent' ? 'outbound' : 'inbound', 'event');
  }

  task(minute: number, type: 'task.added' | 'task.done'): this {
    return this.add(type, minute, type === 'task.done' ? 'agent' : 'customer', null, 'public');
  }

  change(minute: number, after: Step): this {
    return this.add('ticket.changed', minute, 'agent', null, 'public', after);
  }

  status(minute: number, status: TicketStatus): this {
    return this.change(minute, { status });
  }

  private add(
    type: TicketEventV1['type'],
    minute: number,
    by: Actor['type'],
    direction: EventMessage['direction'] | null,
    kind: EventMessage['kind'],
    after: Step = {},
  ): this {
    const at = new Date(this.startMs + Math.round(minute * 60_000)).toISOString();
    const changes: FieldChange[] = Object.entries(after).map(([field, to]) => ({
      field,
      from: String(this.snapshot[field as keyof Step] ?? ''),
      to,
    }));
    this.snapshot = { ...this.snapshot, ...after };
    const seq = this.events.length + 1;
    this.events.push({
      event_id: `${this.snapshot.id}-${seq}`,
      tenant: this.options.tenant ?? 'demo',
      ticket_id: this.snapshot.id,
      seq,
      type,
      occurred_at: at,
      recorded_at: at,
      actor: { type: by, id: `${by}-1` },
      message:
        direction === null
          ? null
          : {
              id: `message-${seq}`,
              direction,
              kind,
              channel: this.snapshot.channel,
              provider_time: null,
              received_at: at,
              delivery_status: null,
            },
      changes,
      ticket: this.snapshot,
    });
    return this;
  }
}
