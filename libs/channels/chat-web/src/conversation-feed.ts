import type { ConversationEntry, ConversationLog } from '@fanin/connector-kit';

const PAGE = 100;

/** Where a feed sends entries to. */
export interface FeedSink {
  send(entry: ConversationEntry): void;
  /** False while the peer reads too slowly. */
  writable(): boolean;
  /** Resolves when `writable` is true again; rejects when that takes too long. */
  drained(): Promise<void>;
  /** The feed cannot go on; the client has to resume from its position. */
  failed(error: unknown): void;
}

/**
 * Sends one socket every entry of its conversation once and in order of position. The log is what is read; news of an
 * append is a hint that there is more, taken directly only when it is the very next entry and the socket is not behind.
 */
export class ConversationFeed {
  private sent: number;
  private known: number;
  private pumping = false;
  private closed = false;

  constructor(
    private readonly log: ConversationLog,
    private readonly conversationId: string,
    afterSeq: number,
    private readonly sink: FeedSink,
  ) {
    this.sent = afterSeq;
    this.known = afterSeq;
  }

  get position(): number {
    return this.sent;
  }

  /** Resolves when everything that was there has been sent. */
  async catchUp(): Promise<void> {
    await this.pump();
  }

  notify(entry: ConversationEntry): void {
    if (this.closed || entry.seq <= this.sent) return;
    this.known = Math.max(this.known, entry.seq);
    if (this.pumping) return;
    if (entry.seq === this.sent + 1 && this.sink.writable()) this.deliver(entry);
    else void this.pump();
  }

  close(): void {
    this.closed = true;
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    try {
      for (;;) {
        if (!this.sink.writable()) await this.sink.drained();
        if (this.closed) return;
        const page = await this.log.read(this.conversationId, this.sent, PAGE);
        for (const entry of page) {
          if (entry.seq !== this.sent + 1) throw new Error(`a gap in a transcript after ${this.sent}`);
          if (!this.closed) this.deliver(entry);
        }
        if (page.length === PAGE) continue;
        // No await between this look and the end of the loop: an append is either seen here or notifies afterwards.
        if (this.known <= this.sent) return;
        if (page.length === 0) throw new Error('an announced entry is not in the log');
      }
    } catch (error) {
      if (!this.closed) this.sink.failed(error);
    } finally {
      this.pumping = false;
    }
  }

  private deliver(entry: ConversationEntry): void {
    this.sent = entry.seq;
    this.sink.send(entry);
  }
}

/** Hands news of appends to the feeds of their conversation, in this process. */
export class FeedHub {
  private readonly rooms = new Map<string, Set<ConversationFeed>>();

  join(conversationId: string, feed: ConversationFeed): void {
    const room = this.rooms.get(conversationId) ?? new Set();
    room.add(feed);
    this.rooms.set(conversationId, room);
  }

  leave(conversationId: string, feed: ConversationFeed): void {
    const room = this.rooms.get(conversationId);
    room?.delete(feed);
    if (room?.size === 0) this.rooms.delete(conversationId);
  }

  publish(entry: ConversationEntry): void {
    for (const feed of this.rooms.get(entry.conversationId) ?? []) feed.notify(entry);
  }
}
