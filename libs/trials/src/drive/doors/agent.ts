import { accountIdOf, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
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

/** What agents do about one of the newest tickets; a conversation stays with its ticket. */
export abstract class AgentDoor<Spec extends AgentSpec> implements Door {
  abstract readonly name: string;
  abstract readonly textBytes: number;
  readonly account: string;
  private readonly calls = new HttpCalls();
  private readonly ticketOf = new Map<string, string>();
  private tickets: readonly string[] = [];
  private listedMs = -Infinity;
  private listing: Promise<void> | undefined;

  constructor(private readonly spec: Spec) {
    this.account = spec.account;
  }

  abstract idOf(run: string, sequence: number): string;
  protected abstract act(ticket: string, message: DrivenMessage): Promise<Answer>;

  async send(message: DrivenMessage): Promise<Answer> {
    try {
      const ticket = await this.ticketFor(message.conversation, message.party);
      return ticket === undefined ? refused('no ticket yet') : await this.act(ticket, message);
    } catch (error) {
      return unsure(error);
    }
  }

  close(): Promise<void> {
    this.calls.close();
    return Promise.resolve();
  }

  /** A call with a JSON body about a ticket. */
  protected about(
    ticket: string,
    method: HttpCall['method'],
    path: string,
    body: unknown,
    key?: string,
  ): Promise<Answer> {
    return this.calls.answerTo({
      method,
      url: `${this.spec.url}/api/v1/tickets/${ticket}${path}`,
      headers: {
        ...this.authorization,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: Buffer.from(JSON.stringify(body)),
    });
  }

  /** Undefined while there is none. Rejects when the list cannot be had. */
  private async ticketFor(conversation: string, party: number): Promise<string | undefined> {
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
