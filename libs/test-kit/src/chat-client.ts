import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

export interface ChatClientOptions {
  /** Address of the chat connector, e.g. http://127.0.0.1:8080. */
  readonly url: string;
  readonly accountId: string;
  /** Origin that the handshake names; the address's own when absent. */
  readonly origin?: string;
  /** From an earlier `token`: the same visitor again. */
  readonly token?: string;
  readonly jwt?: string;
  readonly name?: string;
  readonly page?: string;
  /** First wait before connecting again (doubles up to 20 times as much). Default 100. */
  readonly backoffMs?: number;
}

export interface ChatEvent {
  readonly type: 'event';
  readonly seq: number;
  readonly direction: 'inbound' | 'outbound';
  readonly id: string;
  readonly text: string;
  readonly author: { readonly kind: string; readonly name: string | null };
  readonly at: string;
}

export interface ChatAck {
  readonly seq: number;
  readonly at: string;
}

type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;

interface Pending {
  readonly frame: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly resolve: (ack: ChatAck) => void;
  readonly reject: (error: Error) => void;
}

/** A refusal that no retry mends: a nack without `retry_after_ms`, or a close with a 44xx code. */
export class ChatRefused extends Error {
  readonly code: string;

  constructor(code: string, reason: string) {
    super(`${code}: ${reason}`);
    this.name = 'ChatRefused';
    this.code = code;
  }
}

/**
 * A visitor's side of the chat protocol in Node, as the widget does it: an outbox with one message in flight, sent again
 * under the same id until it is acknowledged; on a new connection it resumes after the last event it has. Gaps and
 * repetitions in what the server sends are counted, not mended.
 */
export class ChatClient {
  /** The transcript, in the order in which the server sent it. */
  readonly events: ChatEvent[] = [];
  gaps = 0;
  duplicates = 0;
  connections = 0;
  nacks = 0;
  token: string | undefined;
  conversationId: string | undefined;
  /** True between the welcome's replay and the end of the connection. */
  live = false;
  private socket: WebSocket | undefined;
  private readonly outbox: Pending[] = [];
  private readonly watchers = new Set<() => void>();
  private inFlight: string | undefined;
  private failures = 0;
  private closed = false;
  private refusal: ChatRefused | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly options: ChatClientOptions) {
    this.token = options.token;
    this.connect();
  }

  /** Resolves when the message is durable on the server, however many connections that takes. */
  send(text: string, options: { readonly id?: string; readonly sentAt?: Date } = {}): Promise<ChatAck> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    const id = options.id ?? randomUUID();
    const frame = {
      type: 'message',
      client_message_id: id,
      text,
      sent_at: (options.sentAt ?? new Date()).toISOString(),
      ...(this.conversationId === undefined ? {} : { conversation_id: this.conversationId }),
    };
    return new Promise((resolve, reject) => {
      this.outbox.push({ frame, id, resolve, reject });
      this.flush();
    });
  }

  /** Resolves with the first event that fits, already here or still to come. */
  event(fits: (event: ChatEvent) => boolean, timeoutMs = 10_000): Promise<ChatEvent> {
    return this.until(() => this.events.find(fits), timeoutMs, 'the expected event did not come');
  }

  /** Resolves when the transcript up to now is here. */
  async ready(timeoutMs = 10_000): Promise<void> {
    await this.until(() => this.live || undefined, timeoutMs, 'the chat did not become live');
  }

  /** Resolves with the first value of `probe` that is not undefined; looked at after every frame. */
  until<T>(probe: () => T | undefined, timeoutMs: number, otherwise: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const value = probe();
        if (value === undefined && this.refusal === undefined) return;
        clearTimeout(timer);
        this.watchers.delete(look);
        if (value === undefined) reject(this.refusal ?? new Error(otherwise));
        else resolve(value);
      };
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        reject(new Error(`${otherwise} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  typing(): void {
    this.write({ type: 'typing' });
  }

  /** Cuts the connection as a broken network does; the client then connects again. */
  cut(): void {
    this.socket?.terminate();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.retry);
    const { socket } = this;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => socket.terminate(), 1_000);
      socket.once('close', () => {
        clearTimeout(cut);
        resolve();
      });
      socket.close(1000);
    });
  }

  private connect(): void {
    const { url, accountId } = this.options;
    const origin = this.options.origin ?? new URL(url).origin;
    const address = `${url.replace(/^http/, 'ws')}/chat/ws?account=${encodeURIComponent(accountId)}`;
    const socket = new WebSocket(address, { origin, perMessageDeflate: false, handshakeTimeout: 5_000 });
    this.socket = socket;
    socket.on('open', () => this.hello());
    socket.on('message', (data) => {
      if (socket === this.socket) this.receive(JSON.parse(String(data)) as Frame);
    });
    socket.on('unexpected-response', (request, response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status === 403 || status === 404) this.refuse(String(status), 'the handshake was refused');
      request.destroy();
      this.lost(socket);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      if (code >= 4400 && code !== 4410 && code !== 4429) this.refuse(String(code), reason.toString());
      this.lost(socket);
    });
  }

  private hello(): void {
    this.connections += 1;
    const { accountId, jwt, name, page } = this.options;
    this.write({
      type: 'hello',
      v: 1,
      account_id: accountId,
      token: this.token ?? null,
      jwt: jwt ?? null,
      conversation_id: this.conversationId ?? null,
      last_seq: this.events.at(-1)?.seq ?? 0,
      client: 'fanin-test-client',
      ...(name === undefined ? {} : { name }),
      ...(page === undefined ? {} : { page }),
    });
  }

  private receive(frame: Frame): void {
    switch (frame.type) {
      case 'welcome':
        this.token = (frame['token'] as string | null) ?? undefined;
        this.conversationId = frame['conversation_id'] as string;
        if (frame['seq'] === 0) this.events.length = 0;
        break;
      case 'live':
        this.live = true;
        this.failures = 0;
        this.flush();
        break;
      case 'event':
        this.take(frame as unknown as ChatEvent);
        break;
      case 'ack':
        this.settle(frame['client_message_id'] as string, { seq: frame['seq'] as number, at: frame['at'] as string });
        break;
      case 'nack':
        this.refused(frame);
        break;
      case 'ping':
        this.write({ type: 'pong' });
        break;
    }
    this.look();
  }

  private take(event: ChatEvent): void {
    const last = this.events.at(-1)?.seq ?? 0;
    if (event.seq <= last) this.duplicates += 1;
    else if (event.seq > last + 1) this.gaps += 1;
    this.events.push(event);
    // Acknowledged before the connection broke, but the ack got lost: the event says the same.
    if (event.direction === 'inbound') this.settle(event.id, event);
  }

  private refused(frame: Frame): void {
    this.nacks += 1;
    this.inFlight = undefined;
    const wait = frame['retry_after_ms'] as number | null;
    if (wait !== null) {
      this.retry = setTimeout(() => this.flush(), wait);
      return;
    }
    const index = this.outbox.findIndex(({ id }) => id === frame['client_message_id']);
    const [pending] = index < 0 ? [] : this.outbox.splice(index, 1);
    pending?.reject(new ChatRefused(String(frame['code']), String(frame['reason'])));
    this.flush();
  }

  private settle(id: string, { seq, at }: ChatAck): void {
    const index = this.outbox.findIndex((pending) => pending.id === id);
    const [pending] = index < 0 ? [] : this.outbox.splice(index, 1);
    if (this.inFlight === id) this.inFlight = undefined;
    pending?.resolve({ seq, at });
    this.flush();
  }

  /** One at a time: a message that is refused for now must not be overtaken by the next. */
  private flush(): void {
    const [next] = this.outbox;
    if (!this.live || this.inFlight !== undefined || next === undefined) return;
    this.inFlight = next.id;
    this.write(next.frame);
  }

  private write(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    this.live = false;
    this.inFlight = undefined;
    clearTimeout(this.retry);
    if (this.closed || this.refusal !== undefined) return this.look();
    const first = this.options.backoffMs ?? 100;
    const wait = Math.min(first * 2 ** this.failures, first * 20) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private refuse(code: string, reason: string): void {
    this.refusal = new ChatRefused(code, reason);
    for (const { reject } of this.outbox.splice(0)) reject(this.refusal);
    this.look();
  }

  private look(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}
