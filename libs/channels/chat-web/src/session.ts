import type { RawData, WebSocket } from './client-ws.js';
import { ERROR_TRAITS, isoTime, type Clock, type Logger, type Metrics } from '@fanin/kernel';
import type { ConversationLog, Emit } from '@fanin/connector-kit';
import { ConversationFeed, type FeedHub } from './conversation-feed.js';
import { encodeEntry, eventOf } from './entry.js';
import { translateError } from './errors.js';
import { CLOSE, SessionEnd, type CloseCode } from './session-end.js';
import { identify, type IdentityDeps, type Visitor } from './identity.js';
import { cleanText, parseFrame } from './parse-frame.js';
import {
  PING_INTERVAL_MS,
  PONG_TIMEOUT_MS,
  PROTOCOL_VERSION,
  type ClientFrame,
  type HelloFrame,
  type Limits,
  type MessageFrame,
  type NackCode,
  type ServerFrame,
} from './protocol.js';
import { rawDelivery } from './raw.js';

const HELLO_TIMEOUT_MS = 10_000;
const MAX_WAITING_FRAMES = 64;
const HIGH_WATER_BYTES = 256 * 1024;
const SLOW_READER_MS = 20_000;
const RETRY_AFTER_MS = 2_000;

export interface SessionDeps {
  readonly accountId: string;
  readonly emit: Emit;
  readonly log: ConversationLog;
  readonly hub: FeedHub;
  readonly identity: IdentityDeps;
  readonly limits: Limits;
  readonly greeting: string;
  /** Milliseconds to wait, 0 when this visitor may send a message now. */
  readonly throttle: (visitor: Visitor) => number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Open {
  readonly hello: HelloFrame;
  readonly visitor: Visitor;
  readonly feed: ConversationFeed;
}

/** One socket: hello, then messages one after another in the order they came. */
export class ChatSession {
  private open: Open | undefined;
  private greeted = false;
  private ended = false;
  private waiting = 0;
  private work: Promise<void> = Promise.resolve();
  private heardAt: number;
  private pingedAt: number | undefined;
  private readonly openedAt: number;

  constructor(
    private readonly socket: WebSocket,
    private readonly deps: SessionDeps,
  ) {
    this.openedAt = deps.clock.monotonicMs();
    this.heardAt = this.openedAt;
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('close', () => this.release());
    // `ws` closes with the right code by itself (1009 too big, 1007 not UTF-8, 1002 protocol); the close event follows.
    socket.on('error', (error) => this.report(error, 'chat socket failed'));
  }

  get visitor(): Visitor | undefined {
    return this.open?.visitor;
  }

  /** Called every second or so by the door. */
  tick(): void {
    const now = this.deps.clock.monotonicMs();
    const expiresAt = this.open?.visitor.expiresAt ?? null;
    if (this.open === undefined && now - this.openedAt > HELLO_TIMEOUT_MS)
      this.end(CLOSE.helloTimeout, 'no hello within 10 s');
    else if (expiresAt !== null && expiresAt <= this.deps.clock.now())
      this.end(CLOSE.unauthorised, 'the visitor token has expired');
    else if (this.pingedAt !== undefined && now - this.pingedAt > PONG_TIMEOUT_MS) this.socket.terminate();
    else if (this.pingedAt === undefined && now - this.heardAt > PING_INTERVAL_MS) {
      this.pingedAt = now;
      this.send({ type: 'ping' });
    }
  }

  /** Ends the socket from our side; a peer that does not answer the close is cut by `ws` after 30 s. */
  end(code: CloseCode, reason: string): void {
    if (this.ended) return;
    this.deps.metrics.count('fanin_chat_closes_total', { code: String(code) });
    this.release();
    this.socket.close(code, reason.slice(0, 120));
  }

  private release(): void {
    this.ended = true;
    if (this.open === undefined) return;
    this.open.feed.close();
    this.deps.hub.leave(this.open.visitor.conversationId, this.open.feed);
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.ended) return;
    this.heardAt = this.deps.clock.monotonicMs();
    this.pingedAt = undefined;
    const bytes = toBuffer(data);
    const frame = isBinary ? undefined : parseFrame(bytes.toString('utf8'));
    if (frame === undefined) return this.end(CLOSE.badFrame, 'frames are text, not binary');
    if (!frame.ok) return this.end(CLOSE.badFrame, frame.error);
    if ((frame.value.type === 'hello') === this.greeted) {
      return this.end(CLOSE.badFrame, this.greeted ? 'hello is sent once' : 'the first frame must be hello');
    }
    this.greeted = true;
    this.deps.metrics.count('fanin_chat_frames_total', { type: frame.value.type });
    // Typing and pong need nothing more: they are not kept, and never reach a topic.
    if (frame.value.type === 'typing' || frame.value.type === 'pong') return;
    if (this.waiting >= MAX_WAITING_FRAMES) return this.end(CLOSE.flood, 'too many frames without waiting for answers');
    this.enqueue(frame.value, bytes);
  }

  private enqueue(frame: ClientFrame, bytes: Buffer): void {
    this.waiting += 1;
    this.work = this.work
      .then(() => (this.ended ? undefined : this.handle(frame, bytes)))
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.waiting -= 1;
      });
  }

  private async handle(frame: ClientFrame, bytes: Buffer): Promise<void> {
    if (frame.type === 'hello') await this.welcome(frame);
    else if (frame.type === 'message' && this.open !== undefined) await this.take(frame, bytes, this.open);
    else if (frame.type === 'logout') this.end(CLOSE.normal, 'signed out');
  }

  private async welcome(hello: HelloFrame): Promise<void> {
    const { deps } = this;
    if (hello.account_id !== deps.accountId) {
      throw new SessionEnd(CLOSE.badFrame, 'hello.account_id is not the account of the address');
    }
    const visitor = await identify(hello, deps.identity);
    const seq = await this.resumePosition(hello, visitor.conversationId);
    if (this.ended) return;
    const feed = new ConversationFeed(deps.log, visitor.conversationId, seq, {
      send: (entry) => this.send(eventOf(entry)),
      writable: () => this.socket.bufferedAmount < HIGH_WATER_BYTES,
      drained: () => this.drained(),
      failed: (error) => this.fail(error),
    });
    this.open = { hello, visitor, feed };
    this.send({
      type: 'welcome',
      v: PROTOCOL_VERSION,
      token: visitor.token,
      conversation_id: visitor.conversationId,
      seq,
      verified: visitor.verified,
      name: visitor.name,
      greeting: deps.greeting,
      limits: deps.limits,
    });
    // Joined before the log is read: what is appended meanwhile is read or announced, never missed.
    deps.hub.join(visitor.conversationId, feed);
    await feed.catchUp();
    if (!this.ended) this.send({ type: 'live', seq: feed.position });
  }

  /** The client's position if this conversation has it, else 0. */
  private async resumePosition(hello: HelloFrame, conversationId: string): Promise<number> {
    if (hello.last_seq === 0 || (hello.conversation_id ?? null) !== conversationId) return 0;
    const [entry] = await this.deps.log.read(conversationId, hello.last_seq - 1, 1);
    return entry?.seq === hello.last_seq ? hello.last_seq : 0;
  }

  private async take(frame: MessageFrame, bytes: Buffer, { visitor, hello }: Open): Promise<void> {
    const { deps } = this;
    const text = cleanText(frame.text);
    if (text === '') return this.nack(frame, 'empty', 'the message has no text', null);
    if (Buffer.byteLength(text) > deps.limits.max_text_bytes) {
      return this.nack(frame, 'too_long', `the text is longer than ${deps.limits.max_text_bytes} bytes`, null);
    }
    const waitMs = deps.throttle(visitor);
    if (waitMs > 0) return this.nack(frame, 'rate_limited', 'too many messages in a short time', waitMs);
    try {
      // The raw delivery first: whatever the transcript shows as taken is in the log that tickets are made from. Sent again
      // after a failure in between, the database finds the second delivery to be a duplicate.
      await deps.emit([rawDelivery(bytes, frame, visitor, hello)]);
      const { entry } = await deps.log.append(visitor.conversationId, {
        direction: 'inbound',
        entryId: frame.client_message_id,
        payload: encodeEntry({ text, author: { kind: 'visitor', name: visitor.name } }),
      });
      deps.metrics.count('fanin_chat_acks_total', {});
      this.send({ type: 'ack', client_message_id: frame.client_message_id, seq: entry.seq, at: isoTime(entry.at) });
    } catch (error) {
      this.report(error, 'chat message could not be kept');
      this.nack(frame, 'try_again', 'the message could not be stored right now', RETRY_AFTER_MS);
    }
  }

  private nack(frame: MessageFrame, code: NackCode, reason: string, retryAfterMs: number | null): void {
    this.deps.metrics.count('fanin_chat_nacks_total', { code });
    this.send({ type: 'nack', client_message_id: frame.client_message_id, code, reason, retry_after_ms: retryAfterMs });
  }

  private send(frame: ServerFrame): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private async drained(): Promise<void> {
    const since = this.deps.clock.monotonicMs();
    while (!this.ended && this.socket.bufferedAmount >= HIGH_WATER_BYTES / 2) {
      if (this.deps.clock.monotonicMs() - since > SLOW_READER_MS) {
        throw new SessionEnd(CLOSE.tryAgain, 'the connection is too slow; resume from your position');
      }
      await this.deps.clock.sleep(20);
    }
  }

  private fail(error: unknown): void {
    if (error instanceof SessionEnd) return this.end(error.closeCode, error.message);
    this.report(error, 'chat session failed');
    this.end(CLOSE.tryAgain, 'something is away on our side; resume from your position');
  }

  private report(error: unknown, message: string): void {
    const { code, message: reason } = translateError(error);
    this.deps.logger[ERROR_TRAITS[code].level](message, { code, reason });
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
