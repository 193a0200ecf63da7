import type { ErrorCode } from '@fanin/kernel';

/** Bytes as a provider handed them over, on their way into the log. */
export interface CapturedDelivery {
  readonly body: Buffer;
  readonly contentType: string;
  /** What came beside the body and is needed to read it later. Flat strings; no secrets; no name that begins with `fanin.`. */
  readonly meta: Readonly<Record<string, string>>;
  /**
   * Spreads deliveries over partitions while keeping those of one source in order. Hashed by the host before it becomes a
   * record key. The account when absent.
   */
  readonly orderKey?: string;
  /**
   * Id of another account of the same channel that the delivery belongs to: a provider may hand over what is for several
   * accounts in one call. The receiving account when absent. `emit` rejects with BUG for an id that is no such account of
   * this process; it is the channel's duty that the accounts share the provider's credentials.
   */
  readonly accountId?: string;
}

/**
 * Resolves when all deliveries are durable in the log, in order. Rejects with FaninError TRANSIENT within 2 s when the
 * log cannot be reached: then the provider must be told to come again and nothing may be acknowledged.
 * Returns the delivery ids.
 */
export type Emit = (deliveries: readonly CapturedDelivery[]) => Promise<readonly string[]>;

/** An HTTP request as it came in, before anything was parsed. */
export interface WebhookRequest {
  readonly method: string;
  /** The public URL that the provider called, as configured (never taken from Host or X-Forwarded-*). */
  readonly url: string;
  /** Path below the account's hook address, e.g. '/voice'; '/' for the address itself. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-cased names; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface WebhookResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Webhook capture. The host calls `receive` for every request to /hooks/<account id> and below, concurrently. It answers
 * 503 with Retry-After by itself when `emit` rejected; any other throw is answered 500 and counted as BUG.
 */
export interface WebhookCapture {
  readonly shape: 'webhook';
  /** Pure. A refusal is answered with its status (401 or 403) and counted; nothing of the body is looked at before. */
  verify(
    request: WebhookRequest,
  ): { readonly ok: true } | { readonly ok: false; readonly status: number; readonly reason: string };
  /** Called after `verify`. Emits what must be kept, then answers as the provider expects. Must answer within 10 s. */
  receive(request: WebhookRequest, emit: Emit): Promise<WebhookResponse>;
}

export interface PollOutcome {
  readonly deliveries: readonly CapturedDelivery[];
  /** Position behind these deliveries. The host stores it after they are durable, never before. */
  readonly cursor: string;
  /** True when more is waiting: the host polls again at once. */
  readonly more: boolean;
  /** True while old messages are fetched: shown as state `backfilling`. */
  readonly backfilling?: boolean;
  /** Facts worth showing to a person, e.g. a gap in UIDs. */
  readonly notices?: readonly AccountNotice[];
}

/**
 * Poll capture. The host holds the account's lease (one reader in the whole cluster), calls `poll` again and again, stores
 * the cursor, waits `intervalMs` or until `wake`, and backs off on errors. `poll` opens its connection when it has none;
 * a connection may live between calls and is closed by `close`.
 */
export interface PollCapture {
  readonly shape: 'poll';
  readonly intervalMs: number;
  /** `cursor` is null on the very first call. Must stop within 2 s of `signal`. Throws FaninError. */
  poll(cursor: string | null, signal: AbortSignal): Promise<PollOutcome>;
  /** Called after the deliveries and the cursor are stored, e.g. to set a flag at the provider. Failures are logged only. */
  afterStored?(cursor: string): Promise<void>;
  /** The host passes a function that cuts the wait between polls short (IDLE told of new mail). */
  onWake?(wake: () => void): void;
}

/** An address to be entered at the provider's side, for GET /api/v1/accounts. */
export interface HookAddress {
  /** Path below the account's hook address; '/' for the address itself. */
  readonly path: string;
  /** What to enter where, e.g. "Phone number → Messaging → A message comes in, HTTP POST". No secrets. */
  readonly enter: string;
}

/** What a stream capture may use while it runs. */
export interface StreamSession {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Last position stored by `emitAt`; null before the first. */
  readonly cursor: string | null;
  /** Emits, then stores the position, in that order. */
  emitAt(deliveries: readonly CapturedDelivery[], cursor: string): Promise<void>;
  /** Tells the host that the connection stands; resets its back-off. */
  connected(): void;
}

/**
 * Stream capture: a connection we hold or a door we keep open. The host calls `run` and, when it rejects, again after a
 * back-off. `run` resolves only when `signal` aborts, within 2 s.
 */
export interface StreamCapture {
  readonly shape: 'stream';
  /** True when only one replica may run it at a time (the host then holds the account's lease). */
  readonly exclusive: boolean;
  run(session: StreamSession): Promise<void>;
}

export type Capture = WebhookCapture | PollCapture | StreamCapture;

export interface AccountNotice {
  /** `REPAIRED`: the channel has put something in order by itself; nobody needs to do anything. */
  readonly code: ErrorCode | 'GAP' | 'MAILBOX_RESET' | 'REPAIRED';
  readonly message: string;
}
