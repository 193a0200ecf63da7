import { accountIdOf, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { HttpCalls } from './http-post.js';

export interface RepliesDoorSpec {
  readonly kind: 'replies';
  /** Of the API. */
  readonly url: string;
  readonly key: string;
  /** Only tickets of this account: others may not be answerable. */
  readonly account: string;
  /** Channel of that account as tickets name it (`email`, `chat`, `phone`, `social`). */
  readonly channel: string;
}

const LIST_EVERY_MS = 2_000;

/** Agents who answer the newest tickets over the REST API, each reply under an Idempotency-Key of its own. */
export class RepliesDoor implements Door {
  readonly name = 'replies';
  readonly account: string;
  readonly textBytes = 200;
  private readonly calls = new HttpCalls();
  private readonly ticketOf = new Map<string, string>();
  private tickets: readonly string[] = [];
  private listedMs = -Infinity;
  private listing: Promise<void> | undefined;

  constructor(private readonly spec: RepliesDoorSpec) {
    this.account = spec.account;
  }

  idOf(run: string, sequence: number): string {
    return `${run}-r${sequence}`;
  }

  async send({ id, conversation, party, text }: DrivenMessage): Promise<Answer> {
    try {
      const ticket = await this.ticketFor(conversation, party);
      if (ticket === undefined) return refused('no ticket yet');
      return await this.calls.answerTo({
        method: 'POST',
        url: `${this.spec.url}/api/v1/tickets/${ticket}/replies`,
        headers: { ...this.auth, 'content-type': 'application/json', 'idempotency-key': id },
        body: Buffer.from(JSON.stringify({ text })),
      });
    } catch (error) {
      return unsure(error);
    }
  }

  close(): Promise<void> {
    this.calls.close();
    return Promise.resolve();
  }

  private get auth(): Record<string, string> {
    return { authorization: `Bearer ${this.spec.key}` };
  }

  /** A conversation of replies stays with its ticket. */
  private async ticketFor(conversation: string, party: number): Promise<string | undefined> {
    const known = this.ticketOf.get(conversation);
    if (known !== undefined) return known;
    await this.list();
    const ticket = this.tickets[party % Math.max(1, this.tickets.length)];
    if (ticket !== undefined) this.ticketOf.set(conversation, ticket);
    return ticket;
  }

  private async list(): Promise<void> {
    if (performance.now() - this.listedMs < LIST_EVERY_MS) return;
    this.listing ??= this.fetchTickets().finally(() => (this.listing = undefined));
    await this.listing;
  }

  private async fetchTickets(): Promise<void> {
    const { url, channel, account } = this.spec;
    const list = `${url}/api/v1/tickets?channel=${channel}&limit=100`;
    const { status, body } = await this.calls.call({ method: 'GET', url: list, headers: this.auth });
    if (status !== 200) return;
    const { data } = JSON.parse(body.toString()) as { data: readonly { id: string; account_id: string }[] };
    this.tickets = data.filter((ticket) => ticket.account_id === accountIdOf(account)).map(({ id }) => id);
    this.listedMs = performance.now();
  }
}
