import { randomInt } from 'node:crypto';
import type { Api } from './api.js';
import type { MessageView, TicketView } from './api-types.js';
import { until } from './until.js';

/** Finds tickets by who wrote them: those of phone and social channels have no subject. */
export class Customers {
  /** Ids of customers by ticket: they do not change. */
  private readonly authors = new Map<string, string>();

  constructor(
    private readonly api: () => Api,
    private readonly channel: 'phone' | 'social',
  ) {}

  async all(): Promise<readonly (TicketView & { readonly author: string })[]> {
    const tickets = await this.api().all<TicketView>(`/tickets?channel=${this.channel}&limit=200`);
    const known = await Promise.all(
      tickets.map(async (ticket) => ({ ...ticket, author: await this.authorOf(ticket.id) })),
    );
    return known.filter(({ author }) => author !== '');
  }

  async ticketsOf(author: string): Promise<readonly TicketView[]> {
    return (await this.all()).filter((ticket) => ticket.author === author);
  }

  /** The customer's only ticket, here or still to come. */
  ticketOf(author: string, timeoutMs = 30_000): Promise<TicketView> {
    return until(`a ticket of ${author}`, async () => (await this.ticketsOf(author))[0], timeoutMs);
  }

  /** A ticket of the customer that holds a message that fits. */
  async withMessage(
    author: string,
    fits: (message: MessageView) => boolean,
    timeoutMs = 30_000,
  ): Promise<{ readonly ticket: TicketView; readonly message: MessageView }> {
    return until(
      `a message of ${author} that fits`,
      async () => {
        for (const ticket of await this.ticketsOf(author)) {
          const message = (await this.api().messages(ticket.id)).find(fits);
          if (message !== undefined) return { ticket, message };
        }
        return undefined;
      },
      timeoutMs,
    );
  }

  private async authorOf(ticketId: string): Promise<string> {
    const known = this.authors.get(ticketId);
    if (known !== undefined) return known;
    const first = (await this.api().messages(ticketId)).find(({ direction }) => direction === 'inbound');
    if (first !== undefined) this.authors.set(ticketId, first.from.id);
    return first?.from.id ?? '';
  }
}

/** A number that nobody has used in this run. */
export function newNumber(): string {
  return `+1415${String(randomInt(2_000_000, 9_999_999))}`;
}
