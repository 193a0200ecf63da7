import { createStop, messageOf, type Clock, type Logger } from '@fanin/kernel';

/**
 * What a part does when the service ends. Phases run one after the other, the steps of one phase side by side:
 * `sources` – take in nothing new (capture, webhooks, players); then the service stops its consumers and empties the
 * outbox by itself; `close` – give back what is still open.
 */
export type ShutdownPhase = 'sources' | 'close';

export interface Shutdown {
  /** Aborts as soon as the service begins to end: for streams and long polls. */
  readonly signal: AbortSignal;
  on(phase: ShutdownPhase, name: string, step: () => Promise<void>): void;
}

export interface ShutdownSteps extends Shutdown {
  begin(): void;
  /** Never rejects: what fails or takes longer than `deadlineMs` is logged and left behind. */
  run(phase: ShutdownPhase, deadlineMs: number): Promise<void>;
}

export function createShutdown(clock: Clock, logger: Logger): ShutdownSteps {
  const beginning = createStop();
  const steps: { readonly phase: ShutdownPhase; readonly name: string; readonly step: () => Promise<void> }[] = [];
  return {
    signal: beginning.signal,
    begin: () => beginning.abort(),
    on: (phase, name, step) => void steps.push({ phase, name, step }),
    async run(phase, deadlineMs) {
      const chosen = steps.filter((one) => one.phase === phase);
      await Promise.all(chosen.map(({ name, step }) => within(step, name, deadlineMs, clock, logger)));
    },
  };
}

/** Waits for `step` at most `deadlineMs`. Never rejects. */
export async function within(
  step: () => Promise<unknown>,
  name: string,
  deadlineMs: number,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  const late = new AbortController();
  const work = Promise.resolve()
    .then(step)
    .catch((error: unknown) => logger.warn('a part did not stop cleanly', { part: name, reason: messageOf(error) }));
  const timeout = clock.sleep(Math.max(0, deadlineMs), late.signal).then(() => {
    if (!late.signal.aborted) logger.warn('a part took too long to stop', { part: name, deadlineMs });
  });
  await Promise.race([work, timeout]);
  late.abort();
}

/** Injection token of the shutdown steps. */
export const SHUTDOWN = Symbol('Shutdown');
