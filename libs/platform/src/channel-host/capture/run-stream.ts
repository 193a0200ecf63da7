import type { StreamCapture, StreamSession } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { loadCheckpoint, storeCheckpoint } from '../state/checkpoints.js';
import type { Lease } from '../state/leases.js';
import type { CaptureRun } from './run-account.js';
import { failed, isFinal } from './failure.js';

/** Keeps a connection or door running until the signal aborts; starts it again when it ends. */
export async function runStream(run: CaptureRun, capture: StreamCapture, lease: Lease | undefined): Promise<void> {
  const { account, parts, signal } = run;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const cursor = lease === undefined ? null : await loadCheckpoint(account, parts);
      await capture.run(sessionOf(run, cursor, lease, () => (failures = 0)));
      if (!signal.aborted) throw new FaninError('TRANSIENT', 'the connection ended');
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (isFinal(error)) return failed(run, error);
      await failed(run, error, failures, (ms) => parts.clock.sleep(ms, signal));
    }
  }
}

function sessionOf(run: CaptureRun, cursor: string | null, lease: Lease | undefined, reset: () => void): StreamSession {
  const { account, parts, signal, states, emit } = run;
  return {
    async emit(deliveries) {
      const ids = await emit(deliveries);
      parts.crashPoints.at('capture.stream.appended');
      return ids;
    },
    signal,
    cursor,
    async emitAt(deliveries, position) {
      if (lease === undefined)
        throw new FaninError('BUG', 'emitAt needs an exclusive stream: two readers cannot share a position');
      await emit(deliveries);
      parts.crashPoints.at('capture.stream.appended');
      await storeCheckpoint(account, position, lease, parts);
    },
    connected() {
      reset();
      void states.set(account, { state: 'connected' });
    },
  };
}
