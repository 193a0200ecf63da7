import {
  PROTOCOL_VERSION,
  type EventFrame,
  type HelloFrame,
  type ServerFrame,
  type WelcomeFrame,
} from '../../src/protocol.js';
import type { Outbox } from './outbox.js';
import type { Storage } from './storage.js';

export type ConnectionState = 'idle' | 'connecting' | 'online' | 'offline' | 'signed-out';

export interface ConnectionEvents {
  /** Anything that is shown may have changed. */
  changed(): void;
  welcomed(frame: WelcomeFrame): void;
  /** What was shown is another conversation's: forget it. */
  reset(): void;
  event(frame: EventFrame): void;
  /** The signed identity was refused or has ended; the page should sign the visitor in again. */
  tokenNeeded(reason: string): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const SILENCE_MS = 50_000;

/** Keeps one socket open, resumes after the last event, sends the outbox one message at a time. */
export class Connection {
  state: ConnectionState = 'idle';
  conversation: string | null = null;
  maxTextBytes = 4_096;
  private socket: WebSocket | undefined;
  private lastSeq = 0;
  private live = false;
  private inFlight: string | undefined;
  private failures = 0;
  private heardAt = 0;
  private jwt: string | null = null;
  private timer: number | undefined;
  private retryTimer: number | undefined;
  private readonly watchdog: number;
  private welcome: (() => void) | undefined;

  constructor(
    private readonly server: string,
    private readonly account: string,
    private readonly storage: Storage,
    private readonly outbox: Outbox,
    private readonly events: ConnectionEvents,
  ) {
    this.watchdog = setInterval(() => {
      if (this.socket !== undefined && Date.now() - this.heardAt > SILENCE_MS) this.drop(this.socket);
    }, 5_000);
    addEventListener('online', this.now);
    document.addEventListener('visibilitychange', this.now);
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.set('connecting');
    void this.connect();
  }

  stop(): void {
    clearInterval(this.watchdog);
    removeEventListener('online', this.now);
    document.removeEventListener('visibilitychange', this.now);
    this.disconnect();
  }

  /** The page's visitor signed in, or has a fresh token. */
  identify(jwt: string): void {
    this.jwt = jwt;
    this.again();
  }

  logout(): void {
    this.write({ type: 'logout' });
    this.jwt = null;
    this.storage.remove('token');
    for (const { id } of this.outbox.all()) this.outbox.remove(id);
    this.forget();
    this.again();
  }

  flush(): void {
    if (!this.live || this.inFlight !== undefined) return;
    const next = this.outbox.all().find((waiting) => !waiting.failed);
    if (next === undefined) return;
    this.inFlight = next.id;
    this.write({
      type: 'message',
      client_message_id: next.id,
      text: next.text,
      sent_at: next.sentAt,
      conversation_id: next.conversation,
    });
  }

  private again(): void {
    this.disconnect();
    this.failures = 0;
    this.set('connecting');
    void this.connect();
  }

  /** Two tabs that open at once would become two visitors: the second waits until the first one's token is stored. */
  private async connect(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const isNew = this.jwt === null && this.storage.get('token') === null;
    if (!isNew || !('locks' in navigator)) return this.open();
    await navigator.locks.request(`fanin-chat:${this.account}`, () => {
      if (this.state === 'idle' || this.socket !== undefined) return;
      this.open();
      return new Promise<void>((resolve) => (this.welcome = resolve));
    });
  }

  private open(): void {
    const socket = new WebSocket(
      `${this.server.replace(/^http/, 'ws')}/chat/ws?account=${encodeURIComponent(this.account)}`,
    );
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => {
      const hello: HelloFrame = {
        type: 'hello',
        v: PROTOCOL_VERSION,
        account_id: this.account,
        token: this.storage.get('token'),
        jwt: this.jwt,
        conversation_id: this.conversation,
        last_seq: this.lastSeq,
        client: 'fanin-widget/1',
        page: location.pathname.slice(0, 500),
      };
      this.write(hello);
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      if (socket === this.socket) this.receive(JSON.parse(message.data) as ServerFrame);
    };
    socket.onclose = (close) => this.lost(socket, close.code, close.reason);
  }

  private receive(frame: ServerFrame): void {
    this.heardAt = Date.now();
    switch (frame.type) {
      case 'welcome':
        return this.welcomed(frame);
      case 'live':
        this.live = true;
        this.failures = 0;
        this.set('online');
        return this.flush();
      case 'event':
        return this.take(frame);
      case 'ack':
        return this.acknowledged(frame.client_message_id);
      case 'nack':
        return this.refused(frame.client_message_id, frame.retry_after_ms);
      case 'ping':
        return this.write({ type: 'pong' });
    }
  }

  private welcomed(frame: WelcomeFrame): void {
    if (frame.token === null) this.storage.remove('token');
    else this.storage.set('token', frame.token);
    this.welcome?.();
    this.welcome = undefined;
    if (frame.conversation_id !== this.conversation || frame.seq !== this.lastSeq) this.forget();
    this.conversation = frame.conversation_id;
    this.maxTextBytes = frame.limits.max_text_bytes;
    this.events.welcomed(frame);
  }

  private take(frame: EventFrame): void {
    if (frame.seq <= this.lastSeq) return;
    this.lastSeq = frame.seq;
    this.events.event(frame);
    // Stored before the connection broke, but its ack got lost: the event says the same.
    if (frame.direction === 'inbound') this.acknowledged(frame.id);
    this.events.changed();
  }

  private acknowledged(id: string): void {
    this.outbox.remove(id);
    if (this.inFlight === id) this.inFlight = undefined;
    this.events.changed();
    this.flush();
  }

  private refused(id: string, retryAfterMs: number | null): void {
    this.inFlight = undefined;
    if (retryAfterMs === null) {
      this.outbox.mark(id, true);
      this.events.changed();
      return this.flush();
    }
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.flush(), retryAfterMs);
  }

  private write(frame: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private lost(socket: WebSocket, code: number, reason: string): void {
    if (socket !== this.socket) return;
    this.release();
    if (code === 4401) {
      this.jwt = null;
      this.set('signed-out');
      return this.events.tokenNeeded(reason);
    }
    // 4400 is a fault of this program: no number of attempts mends it soon.
    if (code === 4400 || code === 4429) this.failures = Math.max(this.failures, 6);
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.set('offline');
    this.timer = setTimeout(() => void this.connect(), wait);
  }

  private drop(socket: WebSocket): void {
    socket.onclose = null;
    socket.close();
    this.lost(socket, 1006, '');
  }

  /** The network is back, or the tab is looked at again: do not wait out a long back-off. */
  private readonly now = (): void => {
    if (this.timer !== undefined && document.visibilityState === 'visible') void this.connect();
  };

  private disconnect(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { socket } = this;
    this.release();
    socket?.close(1000);
    this.state = 'idle';
  }

  private release(): void {
    this.socket = undefined;
    this.live = false;
    this.inFlight = undefined;
    clearTimeout(this.retryTimer);
    this.welcome?.();
    this.welcome = undefined;
  }

  private forget(): void {
    this.lastSeq = 0;
    this.conversation = null;
    this.events.reset();
  }

  private set(state: ConnectionState): void {
    this.state = state;
    this.events.changed();
  }
}
