import type { Clock, LogFields, Logger, LogLevel } from '@fanin/kernel';
import { pino, type BaseLogger, type DestinationStream } from 'pino';
import { prettyDestination } from './pretty.js';
import { redact } from './redaction.js';

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  readonly clock: Clock;
  /** Where complete lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

/** The Logger port on pino: one JSON object (or one readable line) each, redacted by allow-list. */
export function createLogger(options: LoggerOptions): Logger {
  const sink = options.destination ?? { write: (line: string) => void process.stdout.write(line) };
  const root = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: () => `,"time":"${new Date(options.clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
    },
    options.format === 'pretty' ? prettyDestination(sink) : sink,
  );
  return over(root);
}

type Pino = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error'> & {
  isLevelEnabled(level: string): boolean;
  child(fields: Record<string, unknown>): Pino;
};

function over(target: Pino): Logger {
  const write =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (!target.isLevelEnabled(level)) return;
      if (fields === undefined) target[level](message);
      else target[level](redact(fields), message);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => over(target.child(redact(fields))),
  };
}
