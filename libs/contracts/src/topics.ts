const DAY_MS = 86_400_000;

/** How a topic is made, kept and owned. Names are without the prefix (`fanin` by default). */
export interface TopicDeclaration {
  readonly noun: string;
  readonly version: number;
  /** What the record key is; records of one key keep their order. */
  readonly key: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact' | 'compact,delete';
  /** The service that writes it. */
  readonly owner: string;
  readonly description: string;
}

function topic(declaration: TopicDeclaration): TopicDeclaration {
  return declaration;
}

/** All topics, in one place. Each also has a dead-letter topic `<name>.dlq`. */
export const TOPICS = {
  rawDeliveries: topic({
    noun: 'inbound.raw',
    version: 1,
    key: 'channel account, or finer (hashed)',
    partitions: 12,
    retentionMs: 30 * DAY_MS,
    cleanup: 'delete',
    owner: 'connectors',
    description: "The provider's own bytes.",
  }),
  inboundMessages: topic({
    noun: 'inbound.messages',
    version: 1,
    key: 'conversation key (hashed)',
    partitions: 12,
    retentionMs: 30 * DAY_MS,
    cleanup: 'delete',
    owner: 'connectors',
    description: 'Messages of customers in one shape.',
  }),
  fates: topic({
    noun: 'inbound.fates',
    version: 1,
    key: 'delivery id',
    partitions: 6,
    retentionMs: 30 * DAY_MS,
    cleanup: 'delete',
    owner: 'connectors and ticket-core',
    description: 'Where each captured part ended.',
  }),
  ticketEvents: topic({
    noun: 'ticket.events',
    version: 1,
    key: 'ticket id',
    partitions: 12,
    retentionMs: 400 * DAY_MS,
    cleanup: 'delete',
    owner: 'ticket-core',
    description: 'What happened to tickets.',
  }),
  outboundMessages: topic({
    noun: 'outbound.messages',
    version: 1,
    key: 'conversation key (hashed)',
    partitions: 6,
    retentionMs: 30 * DAY_MS,
    cleanup: 'delete',
    owner: 'ticket-core',
    description: 'Replies on their way out.',
  }),
  outboundReceipts: topic({
    noun: 'outbound.receipts',
    version: 1,
    key: 'outbound id',
    partitions: 6,
    retentionMs: 30 * DAY_MS,
    cleanup: 'delete',
    owner: 'connectors',
    description: 'What became of replies.',
  }),
  ticketFacts: topic({
    noun: 'metrics.ticket-facts',
    version: 1,
    key: 'ticket id',
    partitions: 6,
    retentionMs: -1,
    cleanup: 'compact',
    owner: 'analytics',
    description: 'One row per ticket.',
  }),
  windows: topic({
    noun: 'metrics.windows',
    version: 1,
    key: 'row id',
    partitions: 6,
    retentionMs: 400 * DAY_MS,
    cleanup: 'compact,delete',
    owner: 'analytics',
    description: 'Hourly and daily counts and durations.',
  }),
} as const;

export type TopicName = keyof typeof TOPICS;

export const DEFAULT_TOPIC_PREFIX = 'fanin';

export function topicName(declaration: TopicDeclaration, prefix: string = DEFAULT_TOPIC_PREFIX): string {
  return `${prefix}.${declaration.noun}.v${declaration.version}`;
}

export function deadLetterTopic(name: string): string {
  return `${name}.dlq`;
}
