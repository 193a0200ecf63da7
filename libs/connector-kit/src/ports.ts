import type { Clock, Logger, Metrics } from '@fanin/kernel';

/** Object store for raw bodies and attachments: a folder when embedded, the S3 API in a cluster. */
export interface BlobStore {
  /** Durable when it resolves. Keys are made by us: `/`-separated, [A-Za-z0-9._-]. Same key, same bytes: idempotent. */
  put(key: string, bytes: Buffer): Promise<void>;
  /** BAD_PAYLOAD when there is no such key, TRANSIENT when the store does not answer. `range` is [start, end) in bytes. */
  get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Buffer>;
  /** Resolves also when there was nothing. */
  remove(key: string): Promise<void>;
  reachable(timeoutMs: number): Promise<boolean>;
}

/** Injection token of the object store. */
export const BLOB_STORE = Symbol('BlobStore');

export interface ConversationEntry {
  /** Position in the conversation: 1, 2, 3 … without gaps. */
  readonly seq: number;
  readonly conversationId: string;
  readonly direction: 'inbound' | 'outbound';
  /** Unique in the conversation: the client's message id, or the outbound id. */
  readonly entryId: string;
  /** JSON of the channel's own making, at most 64 KiB. */
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * A durable, gap-free transcript per conversation, for channels whose clients resume by position. The host keeps it in
 * PostgreSQL and tells every replica of new entries.
 */
export interface ConversationLog {
  /**
   * Appends, or finds what was appended under the same `entryId` before: then `duplicate` is true and the first entry comes
   * back. Durable when it resolves. TRANSIENT within 2 s when the database is away.
   */
  append(
    conversationId: string,
    entry: Pick<ConversationEntry, 'direction' | 'entryId' | 'payload'>,
  ): Promise<{ readonly entry: ConversationEntry; readonly duplicate: boolean }>;
  /** Entries with seq > `afterSeq`, ascending, at most `limit`. */
  read(conversationId: string, afterSeq: number, limit: number): Promise<readonly ConversationEntry[]>;
  /** Calls back for every entry appended by any replica, at least once, in seq order per conversation. Returns the unsubscribe. */
  onAppend(listener: (entry: ConversationEntry) => void): () => void;
}

/** An HTTP door that the host keeps open for channels that need more than webhooks (WebSocket, widget files). */
export interface HttpDoor {
  /** Address that people outside reach us under, without a trailing slash. */
  readonly publicUrl: string;
  /** Handles upgrade requests whose path is `path`. The raw Node objects; the channel owns the socket from then on. */
  onUpgrade(
    path: string,
    handler: (request: import('node:http').IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => void,
  ): void;
  /** Serves GET `path` (exact). */
  onGet(path: string, handler: (request: HttpDoorRequest) => Promise<HttpDoorResponse>): void;
}

export interface HttpDoorRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

export interface HttpDoorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** A token bucket: `burst` calls at once, then `perSecond`. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Hands out permission to call the provider. */
export interface RateLimiter {
  /** Resolves when the call may be made, in order of asking; rejects with TRANSIENT when `signal` aborts first. */
  take(signal?: AbortSignal): Promise<void>;
  /** No call before `ms` from now: what a 429 with Retry-After asks for. */
  pause(ms: number): void;
}

/**
 * A small secret of an account that changes by itself (a refresh token), kept sealed in the database. One process of the
 * cluster changes it at a time.
 */
export interface SealedState {
  /** What was stored last; null before. TRANSIENT when the database is away. */
  read(): Promise<string | null>;
  /**
   * Calls `change` with what is stored while nobody else can change it, and stores what it returns before it resolves.
   * `change` must look whether the work was done by another meanwhile; it has 15 s and may call the provider. When it throws,
   * nothing is stored and the error goes up.
   */
  update(change: (current: string | null) => Promise<string>): Promise<string>;
}

/** What the host gives to a channel, once per process. Nothing else may be reached for. */
export interface ChannelHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly http: HttpDoor;
  readonly conversations: ConversationLog;
  /** The bucket of an account in this process; asked for again with the same `name` it is the same bucket. */
  rateLimiter(accountId: string, name: string, limit: RateLimit): RateLimiter;
  /** The sealed state of an account under a name of the channel's choosing. */
  sealed(accountId: string, name: string): SealedState;
  /** Where `npm start` puts outgoing mail when no relay is configured; undefined in a cluster. */
  readonly outboxFolder: string | undefined;
  /** Port for the SMTP door, loopback only unless told otherwise. */
  readonly smtp: { readonly host: string; readonly port: number };
  /** Installation secrets, newest first: signed addresses and ids are made with the first and checked with all. */
  readonly signingSecrets: readonly string[];
}
