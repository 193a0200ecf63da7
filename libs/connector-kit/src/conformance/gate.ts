import { FaninError } from '@fanin/kernel';
import type { CapturedDelivery, Emit } from '../capture.js';

/** An `emit` that the test opens and shuts: it shows what was handed over, and when the answer came. */
export interface Gate {
  readonly emit: Emit;
  /** Deliveries of every call so far, also of refused ones. */
  readonly offered: readonly CapturedDelivery[];
  /** Resolves when `emit` was called since the last `hold`, `refuse` or `accept`; rejects after `withinMs`. */
  called(withinMs: number): Promise<void>;
  /** Calls from now on wait for `accept` or `refuse`. */
  hold(): void;
  accept(): void;
  /** The log is down: waiting and later calls reject. */
  refuse(): void;
}

export function createGate(): Gate {
  const offered: CapturedDelivery[] = [];
  let mode: 'accept' | 'refuse' | 'hold' = 'accept';
  let calls = 0;
  let waiting: { settle: (mode: 'accept' | 'refuse') => void }[] = [];
  let onCall: (() => void) | undefined;

  const answer = (deliveries: readonly CapturedDelivery[]): Promise<readonly string[]> => {
    if (mode === 'refuse') return Promise.reject(new FaninError('TRANSIENT', 'the log cannot be reached'));
    return Promise.resolve(deliveries.map((_, index) => `delivery-${offered.length}-${index}`));
  };
  const setMode = (next: typeof mode): void => {
    mode = next;
    calls = 0;
    if (next === 'hold') return;
    const released = waiting;
    waiting = [];
    for (const { settle } of released) settle(next);
  };

  return {
    offered,
    emit(deliveries) {
      offered.push(...deliveries);
      calls += 1;
      onCall?.();
      const answered =
        mode === 'hold'
          ? new Promise<readonly string[]>((resolve, reject) => {
              waiting.push({ settle: () => void answer(deliveries).then(resolve, reject) });
            })
          : answer(deliveries);
      // A channel that forgets to await is told so by a check, not by a process that dies.
      answered.catch(() => undefined);
      return answered;
    },
    called(withinMs) {
      if (calls > 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`emit was not called within ${withinMs} ms`)), withinMs);
        onCall = () => {
          clearTimeout(timer);
          onCall = undefined;
          resolve();
        };
      });
    },
    hold: () => setMode('hold'),
    accept: () => setMode('accept'),
    refuse: () => setMode('refuse'),
  };
}

/** True when `promise` is still open after the event loop had time to settle what it could. */
export async function isPending(promise: Promise<unknown>, graceMs = 100): Promise<boolean> {
  const open = Symbol('open');
  const timer = new Promise((resolve) => setTimeout(resolve, graceMs, open));
  return (await Promise.race([promise.catch(() => 'rejected'), timer])) === open;
}

/** Rejects with `what` when `promise` does not settle in time. */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
