import { readEnvironment } from '../config/environment.js';

/** The process as an app sees it; a test hands in its own. */
export interface ProcessPort {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line on standard output. */
  readonly print: (line: string) => void;
  /** A line on standard error. */
  readonly complain: (line: string) => void;
  /** Calls back for SIGTERM, SIGINT and SIGHUP, again for every further one. Returns the unsubscribe. */
  onSignal(listener: (signal: string) => void): () => void;
  /** Calls back for an error that nobody caught, and once when nobody reads what is printed. Returns the unsubscribe. */
  onUncaught(listener: (error: unknown) => void): () => void;
  /** Leaves at once. */
  exit(code: number): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** A line that cannot be written is not told on the same line: that would fail as well, and be told, and so on. */
const OUTPUTS = [process.stdout, process.stderr];
const pass = (): void => undefined;

export function thisProcess(): ProcessPort {
  for (const output of OUTPUTS) output.on('error', pass);
  return {
    argv: process.argv.slice(2),
    env: readEnvironment(),
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    onSignal(listener) {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.removeListener(signal, listener);
      };
    },
    onUncaught(listener) {
      for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, listener);
      for (const output of OUTPUTS) output.once('error', listener);
      return () => {
        for (const event of ['uncaughtException', 'unhandledRejection']) process.removeListener(event, listener);
        for (const output of OUTPUTS) output.removeListener('error', listener);
      };
    },
    exit: (code) => process.exit(code),
  };
}

/** Ends the process once standard output is written; what still holds it open gets half a second. */
export function leaveWith(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), 500).unref();
}
