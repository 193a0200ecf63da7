/**
 * What libraries below the platform log through. Messages are constant English sentences; everything that varies goes
 * into `fields`: ids and hashes, never bodies, addresses, phone numbers or tokens.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose every line carries these fields too. */
  child(fields: LogFields): Logger;
}

export type LogFields = Readonly<Record<string, unknown>>;

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** Injection token of the logger. */
export const LOGGER = Symbol('Logger');
