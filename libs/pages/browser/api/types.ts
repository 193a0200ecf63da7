import type {
  ChannelFamily,
  DeliveryStatus,
  FateName,
  MessageKind,
  Priority,
  TicketFactV1,
  TicketStatus,
  Visibility,
  WindowV1,
} from '@fanin/contracts';

export type { ChannelFamily, DeliveryStatus, FateName, MessageKind, Priority, TicketStatus, Visibility };
export type TicketFact = TicketFactV1;

/** Windows carry a column for each duration and bucket, which the contract adds by program. */
export type WindowRow = WindowV1 & Readonly<Record<string, unknown>>;

export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

export interface Session {
  readonly kind: 'key' | 'operator';
  readonly name: string;
  /** '*' for all. */
  readonly tenant: string;
  readonly tenants: readonly { readonly id: string; readonly name: string }[];
  readonly scopes: readonly string[];
}

export interface DurationFigures {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
}

export type DurationName = 'first_reply' | 'next_reply' | 'first_resolution' | 'full_resolution';

export interface ChannelFigures {
  readonly channel: ChannelFamily;
  readonly created_count: number;
  readonly backlog_count: number;
  readonly first_reply_p50: number | null;
  readonly first_reply_p90: number | null;
}

export interface Summary {
  readonly created_count: number;
  readonly solved_count: number;
  readonly reopened_count: number;
  readonly inbound_count: number;
  readonly public_reply_count: number;
  readonly backlog_count: number;
  readonly durations: Readonly<Record<DurationName, DurationFigures>>;
  readonly channels: readonly ChannelFigures[];
}

export interface FateCounts {
  readonly captured: number;
  readonly in_flight: number;
  readonly fates: Readonly<Record<FateName, number>>;
}

export interface FateReport extends FateCounts {
  readonly channels: readonly (FateCounts & { readonly channel: ChannelFamily })[];
  readonly rules: readonly {
    readonly channel: ChannelFamily;
    readonly fate: FateName;
    readonly rule: string | null;
    readonly count: number;
  }[];
}

export interface DeliveryPart {
  readonly part: number;
  readonly fate: FateName;
  readonly rule: string | null;
  readonly evidence: string | null;
  readonly message_id: string | null;
  readonly ticket_id: string | null;
  readonly decided_at: string;
}

export interface Delivery {
  readonly id: string;
  readonly account_id: string;
  readonly channel: ChannelFamily;
  readonly channel_slug: string;
  readonly content_type: string;
  readonly size: number;
  readonly received_at: string;
  readonly parts: readonly DeliveryPart[];
}

export type AccountState =
  'starting' | 'backfilling' | 'connected' | 'degraded' | 'bad_credentials' | 'stopped' | 'failed';

export interface Account {
  readonly id: string;
  readonly channel: ChannelFamily;
  readonly channel_slug: string;
  readonly title?: string;
  readonly state: AccountState;
  readonly since: string;
  readonly reason: string | null;
  readonly next_attempt_at: string | null;
  /** What a person should do. */
  readonly action: string | null;
  readonly hook_urls?: readonly string[];
  /** Addresses and what to enter where at the provider. */
  readonly hooks?: readonly { readonly url: string; readonly enter: string }[];
  /** Facts worth a look, newest first. */
  readonly notices?: readonly { readonly code: string; readonly message: string; readonly at: string }[];
}

/** A rule of the provider on answers, as it stood when the ticket was read. */
export interface ReplyWindow {
  readonly visibility: Visibility;
  readonly rule: string;
  readonly sends: 'text' | 'template';
  readonly until: string | null;
  readonly once: boolean;
  readonly open: boolean;
  readonly seconds_left: number | null;
}

export interface Task {
  readonly id: string;
  readonly kind: string;
  readonly due_at: string | null;
  readonly note: string | null;
  readonly created_at: string;
  readonly done_at: string | null;
  readonly done_by: string | null;
}

export interface Ticket {
  readonly id: string;
  readonly number: number;
  readonly subject: string | null;
  readonly status: TicketStatus;
  readonly priority: Priority;
  readonly channel: ChannelFamily;
  readonly account_id: string;
  readonly tags: readonly string[];
  readonly team_id: string | null;
  readonly assignee_id: string | null;
  readonly customer: { readonly id: string; readonly name: string | null };
  readonly follow_up_of: string | null;
  readonly followed_up_by: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly first_replied_at: string | null;
  readonly solved_at: string | null;
  readonly closed_at: string | null;
  readonly visibility: Visibility | null;
  readonly reply_windows: readonly ReplyWindow[];
  readonly tasks: readonly Task[];
}

export interface Party {
  readonly id: string;
  readonly name: string | null;
  readonly role?: string;
}

export interface MessageAttachment {
  readonly name: string;
  readonly content_type: string;
  readonly size: number;
  readonly inline?: boolean;
  readonly content_id?: string;
}

export interface MessageDelivery {
  readonly status: DeliveryStatus;
  readonly reason?: string | null;
  readonly at?: string;
}

/** Says that the message is news about another one. */
export interface Amends {
  readonly message_id: string;
  readonly change: string;
  readonly value: string | null;
  readonly earlier_text: string | null;
}

export interface Message {
  readonly id: string;
  readonly ticket_id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly kind: MessageKind;
  readonly channel: ChannelFamily;
  readonly from: Party;
  readonly to: readonly Party[];
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly quoted_text: string | null;
  readonly attachments: readonly MessageAttachment[];
  readonly provider_time: string | null;
  readonly received_at: string;
  readonly threading: { readonly rule: string; readonly evidence: string | null } | null;
  readonly flags: readonly string[];
  readonly visibility: Visibility | null;
  readonly reactions: readonly { readonly value: string | null; readonly from: Party; readonly at: string }[];
  readonly amends: Amends | null;
  readonly template: { readonly id: string; readonly language: string | null } | null;
  readonly delivery: MessageDelivery | null;
}
