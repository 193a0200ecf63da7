import { accountIdOf } from '../door.js';
import { HttpCalls, type HttpCall } from './http-post.js';

/** Somebody of the shop with a key, who works on the tickets of one account. */
export interface AgentSpec {
  /** Of the API. */
  readonly url: string;
  readonly key: string;
  /** Only tickets of this account: others may not be answerable. */
  readonly account: string;
  /** Channel of that account as tickets name it (`email`, `chat`, `phone`, `social`). */
  readonly channel: string;
}

const LIST_EVERY_MS = 2_000;

/** An agent's calls, and which ticket each of their conversations is about: one of the newest. */
export class Agent {
  readonly calls = new HttpCalls();
  private readonly ticketOf = new Map<string, string>();
  private tickets: readonly string[] = [];
  private listedMs = -Infinity;
  private listing: Promise<void> | undefined;

  constructor(private readonly spec: AgentSpec) {}

  /** A call with a JSON body about a ticket. */
  about(ticket: string, method: HttpCall['method'], path: string, body: unknown, key?: string): HttpCall {
    return {
      method,
      url: `${this.spec.url}/api/v1/tickets/${ticket}${path}`,
      headers: {
        ...this.authorization,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: Buffer.from(JSON.stringify(body)),
    };
  }

  /** A conversation stays with its ticket; undefined while there is none. Rejects when the list cannot be had. */
  async ticketFor(conversation: string, party: number): Promise<string | undefined> {
    const known = this.ticketOf.get(conversation);
    if (known !== undefined) return known;
    await this.list();
    const ticket = this.tickets[party % Math.max(1, this.tickets.length)];
    if (ticket !== undefined) this.ticketOf.set(conversation, ticket);
    return ticket;
  }

  private get authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.spec.key}` };
  }

  private async list(): Promise<void> {
    if (performance.now() - this.listedMs < LIST_EVERY_MS) return;
    this.listing ??= this.fetchTickets().finally(() => (this.listing = undefined));
    await this.listing;
  }

  private async fetchTickets(): Promise<void> {
    const { url, channel, account } = this.spec;
    const list = `${url}/api/v1/tickets?channel=${channel}&limit=100`;
    const { status, body } = await this.calls.call({ method: 'GET', url: list, headers: this.authorization });
    if (status !== 200) return;
    const { data } = JSON.parse(body.toString()) as { data: readonly { id: string; account_id: string }[] };
    this.tickets = data.filter((ticket) => ticket.account_id === accountIdOf(account)).map(({ id }) => id);
    this.listedMs = performance.now();
  }
}
