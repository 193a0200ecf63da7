import type { Bus, BusRecord } from '@fanin/bus';
import { TOPICS, topicName, type TicketEventV1, type TopicDeclaration } from '@fanin/contracts';

type Row = Readonly<Record<string, unknown>>;

/** What the log says at rest, recomputed without a line of the code that made the rows. */
export interface LogEvidence {
  /** Distinct deliveries on inbound.raw. */
  readonly captured: number;
  /** By ticket: what its events add up to. */
  readonly tickets: ReadonlyMap<string, TicketSums>;
  /** By `tenant hour-start`: what the events of that hour add up to. */
  readonly hours: ReadonlyMap<string, HourSums>;
  /** Latest row of each key. */
  readonly facts: ReadonlyMap<string, Row>;
  readonly windows: ReadonlyMap<string, Row>;
  /** Lines on events that are missing or out of their order. */
  readonly eventFaults: readonly string[];
}

export interface TicketSums {
  readonly tenant: string;
  lastSeq: number;
  status: string;
  inbound: number;
  publicReplies: number;
}

export interface HourSums {
  created: number;
  inbound: number;
  publicReplies: number;
}

const PAGE = 1_000;
const HOUR_MS = 3_600_000;

/** Every record of a topic, partition by partition, in order. */
export async function* recordsOf(bus: Bus, topic: TopicDeclaration, prefix: string): AsyncGenerator<BusRecord> {
  const name = topicName(topic, prefix);
  for (let partition = 0; partition < topic.partitions; partition += 1) {
    for (let fromOffset = 0n; ;) {
      const records = await bus.read(name, partition, { fromOffset, limit: PAGE });
      yield* records;
      const last = records.at(-1);
      if (last === undefined) break;
      fromOffset = last.offset + 1n;
    }
  }
}

export async function readLog(bus: Bus, prefix: string): Promise<LogEvidence> {
  const ids = new Set<string>();
  for await (const { headers } of recordsOf(bus, TOPICS.rawDeliveries, prefix)) ids.add(headers['ce_id'] ?? '');
  const sums = new EventSums();
  for await (const { value } of recordsOf(bus, TOPICS.ticketEvents, prefix))
    if (value !== null) sums.add(JSON.parse(value.toString()) as TicketEventV1);
  return {
    captured: ids.size,
    ...sums,
    facts: await latestRows(bus, TOPICS.ticketFacts, prefix),
    windows: await latestRows(bus, TOPICS.windows, prefix),
  };
}

async function latestRows(bus: Bus, topic: TopicDeclaration, prefix: string): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  for await (const { key, value } of recordsOf(bus, topic, prefix)) {
    if (key === null) continue;
    if (value === null) rows.delete(key);
    else rows.set(key, JSON.parse(value.toString()) as Row);
  }
  return rows;
}

/** An event may come again (the outbox delivers at least once), but none may be missing and none come before its turn. */
class EventSums {
  readonly tickets = new Map<string, TicketSums>();
  readonly hours = new Map<string, HourSums>();
  readonly eventFaults: string[] = [];

  add(event: TicketEventV1): void {
    const { ticket_id: id, seq, tenant } = event;
    const ticket = this.tickets.get(id) ?? { tenant, lastSeq: 0, status: '', inbound: 0, publicReplies: 0 };
    this.tickets.set(id, ticket);
    if (seq <= ticket.lastSeq) return;
    if (seq !== ticket.lastSeq + 1) this.eventFaults.push(`ticket ${id}: event ${seq} follows ${ticket.lastSeq}`);
    ticket.lastSeq = seq;
    ticket.status = event.ticket.status;
    const at = Date.parse(event.occurred_at);
    const key = `${tenant} ${at - (at % HOUR_MS)}`;
    const hour = this.hours.get(key) ?? { created: 0, inbound: 0, publicReplies: 0 };
    this.hours.set(key, hour);
    if (event.type === 'ticket.created') hour.created += 1;
    if (event.message?.kind !== 'public' || event.type === 'message.delivery_changed') return;
    if (event.message.direction === 'inbound' && event.actor.type === 'customer') {
      ticket.inbound += 1;
      hour.inbound += 1;
    } else if (event.message.direction === 'outbound' && event.actor.type === 'agent') {
      ticket.publicReplies += 1;
      hour.publicReplies += 1;
    }
  }
}
