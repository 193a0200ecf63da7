import type { ClassType } from '@fanin/contracts';
import type { ErrorCode } from '@fanin/kernel';
import type { Capture, HookAddress, PollCapture } from './capture.js';
import type { Deliver } from './deliver.js';
import type { ChannelManifest } from './manifest.js';
import type { MediaSource } from './media.js';
import type { Normalise } from './normalise.js';
import type { ChannelHost } from './ports.js';

/** One configured account of a channel. */
export interface ChannelAccount<C> {
  readonly id: string;
  readonly tenant: string;
  /** Validated instance of the channel's config class, secrets resolved. */
  readonly config: C;
}

/**
 * Answers "does it work?" for an account without capturing anything. The host asks at the start and about every minute
 * where nothing else (a poll, a stream) tells the state, and again after a reply failed for want of rights.
 */
export interface ConnectionCheck {
  /** Resolves when the account could be reached with its credentials; throws FaninError otherwise. At most 10 s. */
  check(signal: AbortSignal): Promise<void>;
}

/** A running account. Optional members are there exactly when the manifest names the capability. */
export interface ChannelInstance {
  readonly capture: Capture;
  readonly normalise: Normalise;
  readonly deliver?: Deliver;
  readonly connection?: ConnectionCheck;
  /**
   * The second door of a webhook channel: lists what the provider holds since the cursor, with overlap, and hands over what
   * `capture` may have missed; the ticket core's database decides what was there already. Also the place for upkeep that
   * one process of the cluster does (renewing a subscription). Run by the host exactly as a poll capture, under the account's lease.
   */
  readonly reconcile?: PollCapture;
  readonly media?: MediaSource;
  /** For webhook captures that are called at more than their own address, or need words; one entry for '/' when absent. */
  readonly hooks?: readonly HookAddress[];
  /** Closes connections; called once, after capture and deliver have stopped. */
  close(): Promise<void>;
}

/**
 * All of a channel. `D` is what its accounts share in one process (a listening port, a socket server, a worker pool);
 * a channel that shares nothing leaves `open` out and D is void.
 */
export interface Channel<C extends object = object, D = unknown> {
  readonly manifest: ChannelManifest;
  readonly Config: ClassType<C>;
  /** Called once per process before the first account; what it opened is closed by `closeShared`. Throws CONFIG. */
  open?(host: ChannelHost): Promise<D>;
  closeShared?(shared: D): Promise<void>;
  /** No IO. Throws FaninError CONFIG when the configuration cannot work, naming the field. */
  create(account: ChannelAccount<C>, host: ChannelHost, shared: D): ChannelInstance;
}

/** Keeps the types of a channel definition and forgets them for the host. */
export function defineChannel<C extends object, D = void>(channel: Channel<C, D>): Channel {
  return channel as unknown as Channel;
}

/** States of an account as operators see them. */
export const ACCOUNT_STATES = [
  'starting',
  'backfilling',
  'connected',
  'degraded',
  'bad_credentials',
  'stopped',
  'failed',
] as const;
export type AccountStateName = (typeof ACCOUNT_STATES)[number];

export interface AccountState {
  readonly state: AccountStateName;
  /** ISO 8601. */
  readonly since: string;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
  readonly nextAttemptAt: string | null;
  /** What a person should do; null when nothing. */
  readonly action: string | null;
}
