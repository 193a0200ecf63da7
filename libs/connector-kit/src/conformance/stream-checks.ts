import type { StreamCapture, StreamSession } from '../capture.js';
import type { StreamDriver } from './channel-contract.js';
import { demand } from './demand.js';
import { createGate, isPending, within, type Gate } from './gate.js';
import type { ContractSubject, RunningSubject } from './subject.js';

interface Running extends RunningSubject {
  readonly gate: Gate;
  /** Stops the capture; resolves when `run` did. */
  stop(): Promise<void>;
}

/** A stream acknowledges nothing before it is durable, keeps nothing to itself, and leaves when told. */
export function streamChecks(driver: StreamDriver, subject: ContractSubject): void {
  let running: Promise<Running> | undefined;
  const start = (): Promise<Running> => (running ??= startCapture(subject));

  it('acknowledges only after the delivery is durable', async () => {
    const { gate, instance, host } = await start();
    gate.hold();
    const answer = driver.offer(instance, host);
    answer.catch((error: unknown) => subject.hear(error));
    await gate.called(10_000).catch(() => demand(false, 'src/capture.ts: run must call session.emit with what came'));
    demand(await isPending(answer), 'src/capture.ts: the other side was told before emit resolved: await it');
    gate.accept();
    const told = await within(answer, 10_000, 'the other side was told nothing within 10 s after emit resolved');
    demand(told === 'acknowledged', 'src/capture.ts: a durable delivery must be acknowledged');
  });
  it('refuses when the log refuses, and goes on', async () => {
    const { gate, instance, host } = await start();
    gate.refuse();
    const told = await within(
      driver.offer(instance, host),
      10_000,
      'the other side was told nothing within 10 s after emit rejected',
    );
    demand(told === 'refused', 'src/capture.ts: a delivery was acknowledged although emit rejected');
    gate.accept();
    const later = await within(driver.offer(instance, host), 10_000, 'after a refusal nothing was answered any more');
    demand(later === 'acknowledged', 'src/capture.ts: once the log is back, deliveries must be acknowledged again');
  });
  it('stops within 2 s of the signal', async () => {
    const { stop } = await start();
    await within(stop(), 2000, 'late').catch(() =>
      demand(false, 'src/capture.ts: run went on for more than 2 s after the signal'),
    );
  });
}

async function startCapture(subject: ContractSubject): Promise<Running> {
  const run = await subject.running();
  const { capture } = run.instance;
  demand(capture.shape === 'stream', "src/capture.ts: the capture must have shape 'stream'");
  const gate = createGate();
  const stop = new AbortController();
  let finished: Promise<void> | undefined;
  await within(
    new Promise<void>((resolve, reject) => {
      finished = runCapture(capture, gate, stop.signal, resolve);
      finished.then(() => reject(new Error('run resolved although nobody stopped it')), reject);
    }),
    10_000,
    'src/capture.ts: run did not call session.connected() within 10 s',
  ).catch((error: unknown) => {
    subject.hear(error);
    throw error;
  });
  return {
    ...run,
    gate,
    stop: async () => {
      stop.abort();
      await finished;
    },
  };
}

function runCapture(capture: StreamCapture, gate: Gate, signal: AbortSignal, connected: () => void): Promise<void> {
  const session: StreamSession = {
    emit: gate.emit,
    signal,
    cursor: null,
    connected,
    emitAt: async (deliveries) => void (await gate.emit(deliveries)),
  };
  return capture.run(session);
}
