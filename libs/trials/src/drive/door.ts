/** One message that a driver hands in; the same fields whatever the door. */
export interface DrivenMessage {
  /** The id that the provider or client gives; `idOf` of the door made it. */
  readonly id: string;
  readonly conversation: string;
  /** Number of the conversation since the start: whoever sends decides by it who the customer is. */
  readonly party: number;
  /** Place within the conversation, from 1. */
  readonly n: number;
  /** Id of the first message of the conversation, and of the one before this; undefined in the first. */
  readonly first: string | undefined;
  readonly previous: string | undefined;
  /** Holds `#<id>#`. */
  readonly text: string;
}

/**
 * What came back. `acknowledged`: the system promised to keep it. `refused`: it said no, `how` with the code. `unsure`: the
 * line broke or no answer came, so it may be there once or not at all.
 */
export type Answer =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly how: string }
  | { readonly kind: 'unsure'; readonly how: string };

export const ACKNOWLEDGED: Answer = { kind: 'acknowledged' };

/** A way into the system, as a provider or a client uses it. `send` is called by many conversations side by side. */
export interface Door {
  readonly name: string;
  /** `tenant/account` that the messages belong to. */
  readonly account: string;
  /** Bytes of text of a message, about. */
  readonly textBytes: number;
  /** Id of the `sequence`-th message of this run; the same everywhere for the same arguments. */
  idOf(run: string, sequence: number): string;
  /** Never rejects: what goes wrong is an answer. One conversation has one message under way at most. */
  send(message: DrivenMessage): Promise<Answer>;
  /** Before the first message: what these conversations need, so that it is there when they begin. */
  prepare?(conversations: readonly string[]): Promise<void>;
  /** The conversation is over; what was kept for it may go. */
  forget?(conversation: string): void;
  /** SHA-256 (lower-case hex) of the file that goes with a message; absent or undefined: none does. */
  fileOf?(message: DrivenMessage): string | undefined;
  close(): Promise<void>;
}

/** The account's id, of `tenant/account`. */
export function accountIdOf(account: string): string {
  return account.slice(account.indexOf('/') + 1);
}

export const refused = (how: string): Answer => ({ kind: 'refused', how });

export const unsure = (error: unknown): Answer => ({
  kind: 'unsure',
  how: error instanceof Error ? error.message : String(error),
});
