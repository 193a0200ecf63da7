import type { OutboundMessageV1 } from '@fanin/contracts';

/** Result of handing a reply to the provider. */
export type SendOutcome =
  | { readonly status: 'sent' | 'delivered'; readonly providerMessageId: string | null }
  | { readonly status: 'failed'; readonly code: string; readonly reason: string };

export interface Deliver {
  /**
   * Sends one reply. Called by the host in order per conversation. Throws FaninError: a retriable code is tried again with
   * back-off, but only when `mayHaveBeenSent` is false on the error path (see `SendUncertain`); other codes become a
   * receipt `failed` with that code.
   */
  send(
    message: OutboundMessageV1,
    context: { readonly signal: AbortSignal; readonly attachment: (key: string) => Promise<Buffer> },
  ): Promise<SendOutcome>;

  /**
   * With `sending: 'reconciled'`: finds out whether an earlier `send` of this reply went out, by listing at the provider.
   * Called after an uncertain end and after a process died while sending, before anything is sent again. Throws FaninError;
   * a retriable code asks again later. `since` is when the first attempt began; `known` are the provider's ids of other replies
   * of this account that are accounted for: one of them is never the answer.
   */
  reconcile?(
    message: OutboundMessageV1,
    context: { readonly signal: AbortSignal; readonly since: Date; readonly known: ReadonlySet<string> },
  ): Promise<Reconciled>;
}

/** What the provider's own list says of a reply whose sending was cut off. */
export type Reconciled =
  | { readonly status: 'sent'; readonly providerMessageId: string }
  /** It is certain that it did not go out: the host sends it again. */
  | { readonly status: 'absent' }
  /** The provider cannot say: the host reports `unknown`, a person looks. */
  | { readonly status: 'unclear'; readonly reason: string };

/** Thrown by `send` when the connection broke after the provider may have taken the message. */
export class SendUncertain extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'SendUncertain';
  }
}
