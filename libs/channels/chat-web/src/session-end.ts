/** Codes that the server closes a socket with (README lists what a client does about each). */
export const CLOSE = {
  /** RFC 6455 §7.4.1. */
  normal: 1000,
  tooBig: 1009,
  /** IANA registry: the server restarts or stops. */
  restart: 1012,
  /** IANA registry: try again later (log away, reader too slow). */
  tryAgain: 1013,
  badFrame: 4400,
  unauthorised: 4401,
  helloTimeout: 4408,
  moved: 4410,
  flood: 4429,
} as const;
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** Ends a session with a code and a reason for developers. Reasons hold at most 123 bytes (RFC 6455 §5.5). */
export class SessionEnd extends Error {
  readonly closeCode: CloseCode;

  constructor(closeCode: CloseCode, reason: string) {
    super(reason);
    this.name = 'SessionEnd';
    this.closeCode = closeCode;
  }
}
