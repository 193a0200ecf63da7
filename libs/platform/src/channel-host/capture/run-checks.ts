import type { ConnectionCheck } from '@fanin/connector-kit';
import { cutAfter } from '../within.js';
import { createPause, failed, isFinal } from './failure.js';
import type { CaptureRun } from './run-account.js';

/** Asks an account that is only called from outside whether its credentials work, until the signal aborts. */
export async function runChecks(run: CaptureRun, connection: ConnectionCheck): Promise<void> {
  const { account, parts, signal, states, wakes } = run;
  const { clock, timings } = parts;
  const pause = createPause(clock);
  let failures = 0;
  const awake = wakes.add(account.id, () => {
    if (failures === 0) pause.cut();
  });
  try {
    while (!signal.aborted) {
      try {
        await check(connection, run);
        if (signal.aborted) return;
        failures = 0;
        await states.set(account, { state: 'connected' });
        await pause.wait(timings.checkMs * (0.9 + Math.random() / 5), signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        if (isFinal(error)) return await failed(run, error);
        await failed(run, error, failures, (ms) => clock.sleep(ms, signal));
      }
    }
  } finally {
    awake();
  }
}

async function check(connection: ConnectionCheck, { parts, signal }: CaptureRun): Promise<void> {
  const { checkTimeoutMs } = parts.timings;
  const why = `the provider did not answer within ${checkTimeoutMs} ms`;
  await cutAfter((cut) => connection.check(cut), checkTimeoutMs, why, signal, 'leave');
}
