import { messageOf } from '@fanin/kernel';
import type { ProcessPort } from './process-port.js';

export interface Work {
  /** Resolves to the promise that rejects when the work dies of itself. */
  start(): Promise<{ readonly failed: Promise<never> }>;
  /** Ends the work, also when it is still starting. */
  stop(): Promise<void>;
}

const SAME_SIGNAL_MS = 1_000;

/**
 * Runs until a signal (exit code 0) or a failure (1). A second signal leaves at once. An error that nobody caught is a
 * bug: what state we are in is unknown, so the work ends and the process leaves with 1.
 */
export async function untilStopped(process: ProcessPort, work: Work): Promise<number> {
  let signalled: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => (signalled = resolve));
  let firstAt: number | undefined;
  const forgetSignals = process.onSignal((signal) => {
    const now = performance.now();
    // A terminal's Ctrl-C comes twice when npm stands in between and passes it on.
    if (firstAt !== undefined) return now - firstAt < SAME_SIGNAL_MS ? undefined : process.exit(1);
    firstAt = now;
    process.print(`${signal}: finishing what is in work (again: leave at once)`);
    signalled(0);
  });
  const forgetErrors = process.onUncaught((error) => {
    process.complain(`An error that nobody caught: ${messageOf(error)}\n${error instanceof Error ? error.stack : ''}`);
    signalled(1);
  });
  try {
    const started = work.start();
    const code = await Promise.race([ended, started.then(({ failed }) => failed)]);
    // A signal during the start: what is opening must be open before it can be closed.
    await started.catch(() => undefined);
    await work.stop();
    return code;
  } catch (error) {
    await work.stop();
    throw error;
  } finally {
    forgetSignals();
    forgetErrors();
  }
}
