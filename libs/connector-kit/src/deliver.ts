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
}

/** Thrown by `send` when the connection broke after the provider may have taken the message. */
export class SendUncertain extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'SendUncertain';
  }
}
