import { noMetrics, silentLogger, type Clock } from '@fanin/kernel';
import { BatchWork } from './batch-work.js';
import { withDefaults } from './options.js';

/** Sleeps end when the test says so, or by their signal. */
class HeldClock implements Clock {
  readonly sleeping: { readonly ms: number; readonly wake: () => void }[] = [];

  now = (): number => 0;
  monotonicMs = (): number => 0;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleeping.push({ ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

const GRACE_MS = 4_321;

function workOf(clock: Clock): BatchWork {
  const deps = { clock, logger: silentLogger, metrics: noMetrics };
  const settings = withDefaults({ brokers: ['none:1'], clientId: 'spec', rebalanceGraceMs: GRACE_MS, deps }, 1);
  const rebalancing = Object.assign(new Error('the group is rebalancing'), { type: 'REBALANCE_IN_PROGRESS' });
  return new BatchWork(
    settings,
    () => Promise.reject(rebalancing),
    () => undefined,
  );
}

describe('a batch in work while its group is rebalancing', () => {
  it('has one time of grace, however often its handler beats, and is aborted behind it', async () => {
    const clock = new HeldClock();
    const work = workOf(clock);
    for (let beat = 0; beat < 12; beat += 1) await work.heartbeat();
    const graces = clock.sleeping.filter(({ ms }) => ms === GRACE_MS);
    expect([graces.length, work.signal.aborted, work.lost]).toEqual([1, false, false]);
    graces[0]?.wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect([work.signal.aborted, work.lost]).toEqual([true, false]);
    work.finish();
  });

  it('ends in peace when it is done before', async () => {
    const clock = new HeldClock();
    const work = workOf(clock);
    await work.heartbeat();
    work.finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(work.signal.aborted).toBe(false);
  });
});
