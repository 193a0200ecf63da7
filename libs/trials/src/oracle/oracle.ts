/** A message that somebody outside has handed to the system. Its text holds `#<id>#`, so that it is found again. */
export interface Acknowledged {
  /** Which door it went through: smtp, chat, twilio, meta, x, imap, reply … */
  readonly door: string;
  /** `tenant/account`. */
  readonly account: string;
  /** The id that the provider or client gave: Message-ID, SID, mid, the chat client's id … */
  readonly id: string;
  /** Messages of one conversation are sent in the order of `n`, the next only after the one before was acknowledged. */
  readonly conversation: string;
  /** Place within its conversation, as sent. */
  readonly n: number;
  readonly atMs: number;
  /** SHA-256 (lower-case hex) of the file that went with it. */
  readonly file?: string;
}

/** Who drives a system tells here what became of each message. Called often; never blocks. */
export interface Oracle {
  /** The system said that it has it: 250, 2xx, the socket's ack. */
  acknowledged(one: Acknowledged): void;
  /** Sent, but no acknowledgement came: it may be there once or not at all. */
  unsure(one: Acknowledged): void;
  /** The system said that it does not have it. It may be sent again under the same id. */
  refused(one: Acknowledged, how: string): void;
}

/** What marks a message in its text. */
export function markOf(id: string): string {
  return `#${id}#`;
}
