/** The four families of channels that people filter and report by. */
export const CHANNEL_FAMILIES = ['email', 'phone', 'chat', 'social'] as const;
export type ChannelFamily = (typeof CHANNEL_FAMILIES)[number];

/** Where every captured part of a delivery ends, exactly once. */
export const FATES = ['accepted', 'duplicate', 'suppressed', 'quarantined', 'ignored', 'dead_lettered'] as const;
export type FateName = (typeof FATES)[number];

export const TICKET_STATUSES = ['new', 'open', 'pending', 'on_hold', 'solved', 'closed'] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const DELIVERY_STATUSES = ['queued', 'sent', 'delivered', 'read', 'failed', 'unknown'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export const ACTOR_TYPES = ['customer', 'agent', 'system', 'automation'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

export const MESSAGE_KINDS = ['public', 'note', 'event'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** Who can read a message beside the two that exchange it: a comment or mention is public, a direct message is not. */
export const VISIBILITIES = ['public', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Bodies above this size travel by reference to the object store. */
export const INLINE_BODY_LIMIT_BYTES = 256 * 1024;
