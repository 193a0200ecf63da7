/** The closed list of error codes. Retriability and log level follow from the code, nobody sets them by hand. */
export type ErrorCode =
  | 'AUTH'
  | 'PERMISSION'
  | 'RATE_LIMITED'
  | 'TRANSIENT'
  | 'BAD_PAYLOAD'
  | 'CURSOR_LOST'
  | 'CONFIG'
  | 'UNSUPPORTED'
  | 'BUG';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ErrorTraits {
  /** May the same work succeed later without a person doing anything? */
  readonly retriable: boolean;
  readonly level: LogLevel;
  /** The state a channel account takes when this error persists. */
  readonly accountState: 'degraded' | 'bad_credentials' | 'failed' | 'unchanged';
}

export const ERROR_TRAITS: Readonly<Record<ErrorCode, ErrorTraits>> = {
  AUTH: { retriable: false, level: 'error', accountState: 'bad_credentials' },
  PERMISSION: { retriable: false, level: 'error', accountState: 'failed' },
  RATE_LIMITED: { retriable: true, level: 'warn', accountState: 'degraded' },
  TRANSIENT: { retriable: true, level: 'warn', accountState: 'degraded' },
  BAD_PAYLOAD: { retriable: false, level: 'warn', accountState: 'unchanged' },
  CURSOR_LOST: { retriable: true, level: 'warn', accountState: 'degraded' },
  CONFIG: { retriable: false, level: 'error', accountState: 'failed' },
  UNSUPPORTED: { retriable: false, level: 'warn', accountState: 'unchanged' },
  BUG: { retriable: false, level: 'error', accountState: 'failed' },
};

/**
 * An expected failure with a code of the closed list. Whoever throws it has decided what went wrong; anything else
 * that is thrown counts as BUG. `message` is for people and never holds a secret, an address or a body.
 */
export class FaninError extends Error {
  readonly code: ErrorCode;
  /** Set for RATE_LIMITED where the peer said how long to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FaninError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The code of anything that was thrown: a FaninError's own, otherwise BUG. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof FaninError ? error.code : 'BUG';
}

/** A one-line text for logs and reasons, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
