import { WebSocket, type RawData } from 'ws';

export interface ChatLineOptions {
  readonly url: string;
  readonly account: string;
  readonly origin?: string;
  /** Keeps what is shown, for `heard` (default false). */
  readonly remembers?: boolean;
}

/** `failed`: with why. */
export type Back = 'not asked' | 'caught up' | { readonly failed: string };

/** What a visitor was shown, in the order in which it came, over all of the visitor's sockets. */
export interface Heard {
  readonly conversation: string;
  readonly events: readonly { readonly seq: number; readonly id: string }[];
  /** Whether everything up to now was asked for after the last message, and came. */
  readonly back: Back;
  /** Conversations that the visitor was given in place of this one. */
  readonly others: readonly string[];
}

interface Settle {
  resolve(nack: string | undefined): void;
  reject(error: Error): void;
}

type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;

const ANSWER_WITHIN_MS = 30_000;

/** A visitor's socket, speaking as much of the chat protocol as a load needs: hello, message, ack, pong. */
export class ChatLine {
  /** Replies of agents that arrived. */
  replies = 0;
  private socket: WebSocket | undefined;
  private opening: Promise<void> | undefined;
  private live: { resolve(): void; reject(error: Error): void } | undefined;
  private token: string | null = null;
  private conversationId: string | null = null;
  private lastSeq = 0;
  private readonly events: { seq: number; id: string }[] = [];
  private readonly others: string[] = [];
  private readonly pending = new Map<string, Settle>();

  constructor(private readonly options: ChatLineOptions) {}

  /** Connected and caught up; connects first where that is needed. */
  ready(): Promise<void> {
    this.opening ??= this.connect();
    return this.opening;
  }

  /** Undefined when the message was acknowledged, else the code of the refusal. Rejects when no answer came. */
  send(id: string, text: string): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.socket?.terminate(), ANSWER_WITHIN_MS);
      const settle: Settle = {
        resolve: (nack) => (clearTimeout(timer), resolve(nack)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
      this.pending.set(id, settle);
      this.write({ type: 'message', client_message_id: id, text, conversation_id: this.conversationId });
    });
  }

  /** Undefined for somebody who never got in. */
  heard(back: Back): Heard | undefined {
    const { conversationId: conversation, events, others } = this;
    return conversation === null ? undefined : { conversation, events, back, others };
  }

  async close(): Promise<void> {
    const { socket } = this;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.close(1000);
      setTimeout(() => socket.terminate(), 1_000).unref();
    });
  }

  private connect(): Promise<void> {
    const { url, account, origin = new URL(url).origin } = this.options;
    const address = `${url.replace(/^http/, 'ws')}/chat/ws?account=${encodeURIComponent(account)}`;
    const socket = new WebSocket(address, { origin, perMessageDeflate: false, handshakeTimeout: 10_000 });
    this.socket = socket;
    socket.on('open', () => this.hello());
    socket.on('message', (data: RawData) => this.receive(JSON.parse(String(data)) as Frame));
    socket.on('error', (error) => this.lost(error));
    socket.on('close', (code) => this.lost(new Error(`closed ${code}`)));
    return new Promise((resolve, reject) => (this.live = { resolve, reject }));
  }

  private hello(): void {
    const resume = { token: this.token, conversation_id: this.conversationId, last_seq: this.lastSeq };
    this.write({ type: 'hello', v: 1, account_id: this.options.account, jwt: null, client: 'driver', ...resume });
  }

  private receive(frame: Frame): void {
    const settle = this.pending.get(String(frame['client_message_id']));
    switch (frame.type) {
      case 'welcome':
        this.token = frame['token'] as string | null;
        this.enter(frame['conversation_id'] as string);
        break;
      case 'live':
        this.live?.resolve();
        break;
      case 'event':
        this.lastSeq = frame['seq'] as number;
        if (frame['direction'] === 'outbound') this.replies += 1;
        if (this.options.remembers === true) this.events.push({ seq: this.lastSeq, id: frame['id'] as string });
        break;
      case 'ack':
      case 'nack':
        this.pending.delete(String(frame['client_message_id']));
        settle?.resolve(frame.type === 'ack' ? undefined : String(frame['code']));
        break;
      case 'ping':
        this.write({ type: 'pong' });
    }
  }

  private enter(conversation: string): void {
    if (this.conversationId !== null && this.conversationId !== conversation) this.others.push(conversation);
    else this.conversationId = conversation;
  }

  private lost(error: Error): void {
    this.opening = undefined;
    this.live?.reject(error);
    for (const settle of this.pending.values()) settle.reject(error);
    this.pending.clear();
  }

  private write(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}
