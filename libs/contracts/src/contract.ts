import type { ClassType } from './fields.js';
import type { TopicDeclaration } from './topics.js';
import { TOPICS } from './topics.js';
import { FateV1 } from './events/fate.v1.js';
import { InboundMessageV1 } from './events/inbound-message.v1.js';
import { OutboundMessageV1 } from './events/outbound-message.v1.js';
import { OutboundReceiptV1 } from './events/outbound-receipt.v1.js';
import { RawDeliveryV1 } from './events/raw-delivery.v1.js';
import { TicketEventV1 } from './events/ticket-event.v1.js';
import { TicketFactV1 } from './events/ticket-fact.v1.js';
import { WindowV1 } from './events/window.v1.js';

/** A kind of record: its class, its version, its topic, and where CloudEvents attributes come from. */
export interface Contract<T extends object> {
  /** kebab-case, e.g. `inbound-message`; golden schema and examples live under this name. */
  readonly name: string;
  readonly version: number;
  /** CloudEvents `type`. */
  readonly type: string;
  readonly cls: ClassType<T>;
  readonly topic: TopicDeclaration;
  /** CloudEvents `id`, unique together with `source`; the same work done twice has the same id. */
  readonly idOf: (value: T) => string;
  /** CloudEvents `subject`. Holds no address and no phone number. */
  readonly subjectOf: (value: T) => string;
  /** CloudEvents `time`, ISO 8601. */
  readonly timeOf: (value: T) => string;
}

function contract<T extends object>(definition: Contract<T>): Contract<T> {
  return definition;
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

export const CONTRACTS = {
  rawDelivery: contract({
    name: 'raw-delivery',
    version: 1,
    type: 'com.fanin.inbound.raw.v1',
    cls: RawDeliveryV1,
    topic: TOPICS.rawDeliveries,
    idOf: (v) => v.delivery_id,
    subjectOf: (v) => v.account_id,
    timeOf: (v) => v.received_at,
  }),
  inboundMessage: contract({
    name: 'inbound-message',
    version: 1,
    type: 'com.fanin.inbound.message.v1',
    cls: InboundMessageV1,
    topic: TOPICS.inboundMessages,
    idOf: (v) => `${v.delivery_id}.${v.part}`,
    subjectOf: (v) => v.message_id,
    timeOf: (v) => v.received_at,
  }),
  fate: contract({
    name: 'fate',
    version: 1,
    type: 'com.fanin.inbound.fate.v1',
    cls: FateV1,
    topic: TOPICS.fates,
    idOf: (v) => `${v.delivery_id}.${v.part}.${v.fate}`,
    subjectOf: (v) => v.delivery_id,
    timeOf: (v) => v.decided_at,
  }),
  ticketEvent: contract({
    name: 'ticket-event',
    version: 1,
    type: 'com.fanin.ticket.event.v1',
    cls: TicketEventV1,
    topic: TOPICS.ticketEvents,
    idOf: (v) => v.event_id,
    subjectOf: (v) => v.ticket_id,
    timeOf: (v) => v.occurred_at,
  }),
  outboundMessage: contract({
    name: 'outbound-message',
    version: 1,
    type: 'com.fanin.outbound.message.v1',
    cls: OutboundMessageV1,
    topic: TOPICS.outboundMessages,
    idOf: (v) => v.outbound_id,
    subjectOf: (v) => v.ticket_id,
    timeOf: (v) => v.created_at,
  }),
  outboundReceipt: contract({
    name: 'outbound-receipt',
    version: 1,
    type: 'com.fanin.outbound.receipt.v1',
    cls: OutboundReceiptV1,
    topic: TOPICS.outboundReceipts,
    idOf: (v) => `${v.outbound_id}.${v.status}`,
    subjectOf: (v) => v.outbound_id,
    timeOf: (v) => v.at,
  }),
  ticketFact: contract({
    name: 'ticket-fact',
    version: 1,
    type: 'com.fanin.metrics.ticket-fact.v1',
    cls: TicketFactV1,
    topic: TOPICS.ticketFacts,
    idOf: (v) => `${v.row_id}.${v.record_version}`,
    subjectOf: (v) => v.row_id,
    timeOf: (v) => iso(v.created_at),
  }),
  window: contract({
    name: 'window',
    version: 1,
    type: 'com.fanin.metrics.window.v1',
    cls: WindowV1,
    topic: TOPICS.windows,
    idOf: (v) => `${v.row_id}.${v.record_version}`,
    subjectOf: (v) => v.row_id,
    timeOf: (v) => iso(v.window_start_at),
  }),
} as const;
