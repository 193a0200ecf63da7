import type { TicketEventV1, TicketFactV1, TicketStatus } from '@fanin/contracts';

/** Version of the formulas below; raised when a number would come out different from the same events. */
export const DEFINITION_VERSION = 1;

/** What analytics remembers of a ticket between events: the published row, and what the next event needs. */
export interface TicketState {
  readonly fact: TicketFactV1;
  readonly memory: TicketMemory;
}

export interface TicketMemory {
  /** Last event applied. */
  readonly seq: number;
  /** Epoch ms of the oldest customer message that no human has answered yet. */
  readonly waitingSince: number | null;
  /** Since when the present status holds, epoch ms. */
  readonly statusSince: number;
  readonly status: TicketStatus;
  /** Milliseconds spent per status, closed intervals only. */
  readonly statusMs: Readonly<Partial<Record<TicketStatus, number>>>;
  /** Summed milliseconds behind `next_reply_seconds_sum`, kept exact. */
  readonly nextReplyMsSum: number;
  readonly nextReplyMsMax: number;
  readonly assignees: readonly string[];
  readonly teamSeen: boolean;
  /** Where the ticket stands in the backlog; null while it is in none (solved, closed). */
  readonly backlogSlice: Slice | null;
  /** Seq of the event that wrote the present full resolution; a reopening takes that one back. */
  readonly fullResolutionSeq: number | null;
}

/** The dimensions that windows are cut by. */
export interface Slice {
  readonly channel: string;
  readonly team_id: string;
  readonly priority: string;
}

export const HAPPENING_KINDS = [
  'created',
  'inbound',
  'public_reply',
  'solved',
  'reopened',
  'closed',
  'first_reply',
  'next_reply',
  'first_resolution',
  'full_resolution',
] as const;
export type HappeningKind = (typeof HAPPENING_KINDS)[number];

/** One countable thing, in the window of its own time. Durations carry their length. */
export interface Happening extends Slice {
  readonly kind: HappeningKind;
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly seconds: number | null;
}

/** A ticket that enters (+1) or leaves (-1) a slice of the backlog. */
export interface BacklogMove extends Slice {
  readonly at: number;
  readonly delta: 1 | -1;
}

/** What one event does to a ticket's state and to the windows. */
export interface Applied {
  readonly state: TicketState;
  readonly happenings: readonly Happening[];
  readonly moves: readonly BacklogMove[];
  /** An earlier happening that no longer holds; its window is computed again and sent with a higher version. */
  readonly retracted: { readonly kind: HappeningKind; readonly seq: number } | null;
}

export type TicketEvent = TicketEventV1;

export function sliceOf(event: TicketEvent): Slice {
  return { channel: event.ticket.channel, team_id: event.ticket.team_id ?? '', priority: event.ticket.priority };
}

/** Tickets that somebody still has to do something about. */
export function isInBacklog(status: TicketStatus): boolean {
  return status !== 'solved' && status !== 'closed';
}
