import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@fanin/kernel';

/** Nest's own lines through our logger: its chatter at the start as debug, its warnings and errors as they are. */
export function createNestLogger(logger: Logger): LoggerService {
  const parts = (message: unknown, rest: readonly unknown[]): [string, Record<string, unknown>] => {
    const context = rest.at(-1);
    const fields = typeof context === 'string' ? { context } : {};
    return message instanceof Error
      ? [`Nest: ${message.name}`, { ...fields, error: message }]
      : [`Nest: ${String(message)}`, fields];
  };
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(...parts(message, rest)),
    // What `listen` rejects with is told by whoever called it.
    error: (message: unknown, ...rest: unknown[]) =>
      logger[rest.at(-1) === 'NestApplication' ? 'debug' : 'error'](...parts(message, rest)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(...parts(message, rest)),
    debug: (message: unknown, ...rest: unknown[]) => logger.debug(...parts(message, rest)),
    verbose: (message: unknown, ...rest: unknown[]) => logger.debug(...parts(message, rest)),
    fatal: (message: unknown, ...rest: unknown[]) => logger.error(...parts(message, rest)),
  };
}
