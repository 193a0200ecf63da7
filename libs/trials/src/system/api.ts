import type { MessageView, TicketView } from './api-types.js';
import { until } from './until.js';

export interface Answer<T> {
  readonly status: number;
  readonly type: string;
  readonly body: T;
  readonly text: string;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A program that uses the REST API with a key. */
export class Api {
  constructor(
    readonly url: string,
    readonly key: string | undefined,
  ) {}

  async call<T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    const { body, headers = {} } = options;
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? '';
    return { status: answer.status, type, text, body: (/json/.test(type) ? JSON.parse(text) : undefined) as T };
  }

  async get<T>(path: string): Promise<T> {
    const { status, text, body } = await this.call<T>('GET', `/api/v1${path}`);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return body;
  }

  async bytes(path: string): Promise<Buffer> {
    const answer = await fetch(`${this.url}/api/v1${path}`, { headers: { authorization: `Bearer ${this.key ?? ''}` } });
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  /** A live answer; ends when `signal` aborts. */
  stream(path: string, signal: AbortSignal): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, { headers: { authorization: `Bearer ${this.key ?? ''}` }, signal });
  }

  /** Every row of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const join = path.includes('?') ? '&' : '?';
      const page: Page<T> = await this.get(
        `${path}${cursor === null ? '' : `${join}cursor=${encodeURIComponent(cursor)}`}`,
      );
      rows.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return rows;
  }

  async ticketsWith(subject: string): Promise<readonly TicketView[]> {
    return (await this.all<TicketView>('/tickets?limit=200')).filter((ticket) => ticket.subject === subject);
  }

  ticketWith(subject: string, timeoutMs?: number): Promise<TicketView> {
    return until(`a ticket "${subject}"`, async () => (await this.ticketsWith(subject))[0], timeoutMs);
  }

  messages(ticketId: string): Promise<MessageView[]> {
    return this.all(`/tickets/${ticketId}/messages`);
  }

  /** The message of a ticket that fits, here or still to come. */
  message(ticketId: string, fits: (message: MessageView) => boolean, timeoutMs?: number): Promise<MessageView> {
    return until(`a message on ${ticketId}`, async () => (await this.messages(ticketId)).find(fits), timeoutMs);
  }

  async reply(
    ticketId: string,
    body: { text: string; status?: string },
    idempotencyKey?: string,
  ): Promise<MessageView> {
    const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    const answer = await this.call<MessageView>('POST', `/api/v1/tickets/${ticketId}/replies`, { body, headers });
    if (answer.status !== 201) throw new Error(`reply: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}
