import type { SimulatorClock } from './clock.js';
import type { FaultBoard } from './faults.js';

export interface SimulatorOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  clock?: SimulatorClock;
  /**
   * Two simulators with one seed make the same ids in the same order. Without it the ids of what happens differ from run
   * to run (a receiver that dedupes must not take a new message for an old one); accounts and secrets never do.
   */
  seed?: number;
  /** PEM. With it the simulator speaks HTTPS only (make a pair with `selfSignedFor`). */
  tls?: { key: string; cert: string };
  /** Every wait of the vendor's retry schedule is multiplied by this; tests shorten hours to nothing. Default 1. */
  retryScale?: number;
  /** PEM of the authority behind the receiver's certificate, when webhooks go to an https address of a test. */
  webhookCa?: string;
}

/** What every vendor's starter returns, together with its own typed handle. */
export interface Simulator {
  readonly url: string;
  readonly port: number;
  readonly faults: FaultBoard;
  /** Stops timers, cuts connections, closes the server. */
  close(): Promise<void>;
}

/** What a person got wrong in a control call: answered as 400 with this message. */
export class ControlError extends Error {}
