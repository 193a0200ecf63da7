import type { TicketStatus } from '@fanin/contracts';

/** What a message of the customer does to a ticket of that status. `follow_up`: it goes to a new ticket linked to this one. */
export type InboundEffect = { readonly status: TicketStatus; readonly reopens: boolean } | 'follow_up';

export function afterCustomerMessage(status: TicketStatus): InboundEffect {
  switch (status) {
    case 'closed':
      return 'follow_up';
    case 'solved':
      return { status: 'open', reopens: true };
    case 'pending':
    case 'on_hold':
      return { status: 'open', reopens: false };
    case 'new':
    case 'open':
      return { status, reopens: false };
  }
}

/** The first public reply makes a new ticket open; otherwise only what the agent asks for changes the status. */
export function afterAgentReply(status: TicketStatus, asked: TicketStatus | undefined): TicketStatus {
  if (asked !== undefined) return asked;
  return status === 'new' ? 'open' : status;
}

/** Why an agent may not set this status; undefined when he may. Closed is final: the customer's next message opens a follow-up. */
export function refusalOf(from: TicketStatus, to: TicketStatus): string | undefined {
  if (from === to) return undefined;
  if (from === 'closed') return 'The ticket is closed for good; a new message of the customer opens a follow-up.';
  if (to === 'new') return `A ticket that is ${from} does not become new again; use open.`;
  return undefined;
}

/** Does the change leave `solved` for work? */
export function isReopening(from: TicketStatus, to: TicketStatus): boolean {
  return from === 'solved' && to !== 'solved' && to !== 'closed';
}

/** Times that a change of status sets. `null` clears, undefined leaves. */
export function timesOfChange(
  from: TicketStatus,
  to: TicketStatus,
  at: string,
): { readonly solvedAt?: string | null; readonly closedAt?: string } {
  if (from === to) return {};
  if (to === 'solved') return { solvedAt: at };
  if (to === 'closed') return { closedAt: at };
  return from === 'solved' ? { solvedAt: null } : {};
}
