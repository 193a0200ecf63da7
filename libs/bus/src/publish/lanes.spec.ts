import { FaninError, createSystemClock } from '@fanin/kernel';
import type { LaneBatch, Lanes, LanesOptions, Outcomes } from './lanes.js';
import { createLanes } from './lanes.js';
import { partitionOf } from './partitioner.js';

const clock = createSystemClock();
const record = (key: string, value: string) => ({ key, value: Buffer.from(value) });
const transient = () => new FaninError('TRANSIENT', 'away');

/** A log whose sends end when the test says so. */
function slowLog(options: Partial<LanesOptions> = {}) {
  const sends: { batches: readonly LaneBatch[]; end: (outcome?: unknown) => void }[] = [];
  const lanes: Lanes = createLanes({
    clock,
    partitionsOf: async () => 4,
    maxLanesPerSend: 1,
    maxConcurrentSends: 100,
    send: (batches) =>
      new Promise((resolve, reject) =>
        sends.push({
          batches,
          end: (outcome) =>
            outcome === undefined || Array.isArray(outcome) ? resolve(outcome as Outcomes) : reject(outcome),
        }),
      ),
    ...options,
  });
  return { lanes, sends };
}

async function eventually(condition: () => boolean): Promise<void> {
  for (const until = Date.now() + 5_000; !condition();) {
    if (Date.now() > until) throw new Error('not in time');
    await clock.sleep(2);
  }
}

const valuesOf = (batches: readonly LaneBatch[]) =>
  batches.flatMap((batch) => batch.records.map((each) => String(each.value)));

describe('lanes', () => {
  it('never has two sends of one partition in flight, and sends what waited as one batch', async () => {
    const { lanes, sends } = slowLog();
    const calls = [lanes.publish('t', [record('k', '0')])];
    await eventually(() => sends.length === 1);
    for (let i = 1; i < 6; i += 1) calls.push(lanes.publish('t', [record('k', String(i))]));
    await clock.sleep(30);
    expect(sends).toHaveLength(1);
    sends[0]?.end();
    await eventually(() => sends.length === 2);
    expect(valuesOf(sends[1]?.batches ?? [])).toEqual(['1', '2', '3', '4', '5']);
    sends[1]?.end();
    await Promise.all(calls);
    await lanes.close();
  });

  it('sends to several partitions side by side, one partition a send', async () => {
    const { lanes, sends } = slowLog();
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    const done = lanes.publish(
      't',
      keys.map((key) => record(key, key)),
    );
    await eventually(() => sends.length === 4);
    for (const { batches } of sends) {
      expect(batches).toHaveLength(1);
      for (const each of batches[0]?.records ?? []) expect(partitionOf(each.key, 4)).toBe(batches[0]?.partition);
    }
    sends.forEach(({ end }) => end());
    await done;
    await lanes.close();
  });

  it('tries a failed batch again ahead of what came later, so order holds', async () => {
    const { lanes, sends } = slowLog();
    const calls = [lanes.publish('t', [record('k', 'a'), record('k', 'b')])];
    await eventually(() => sends.length === 1);
    calls.push(lanes.publish('t', [record('k', 'c')]));
    sends[0]?.end(transient());
    await eventually(() => sends.length === 2);
    expect(valuesOf(sends[1]?.batches ?? [])).toEqual(['a', 'b', 'c']);
    sends[1]?.end();
    await Promise.all(calls);
    await lanes.close();
  });

  it('gives every caller its own deadline, and does not send for one that has given up', async () => {
    const { lanes, sends } = slowLog();
    const first = lanes.publish('t', [record('k', 'in flight')], { timeoutMs: 60_000 });
    await eventually(() => sends.length === 1);
    const impatient = lanes.publish('t', [record('k', 'given up')], { timeoutMs: 100 });
    const patient = lanes.publish('t', [record('k', 'patient')], { timeoutMs: 60_000 });
    // While the one before it is still under way: by a deadline of its own.
    await expect(impatient).rejects.toMatchObject({ code: 'TRANSIENT' });
    sends[0]?.end();
    await eventually(() => sends.length === 2);
    expect(valuesOf(sends[1]?.batches ?? [])).toEqual(['patient']);
    sends[1]?.end();
    await Promise.all([first, patient]);
    await lanes.close();
  });

  it('keeps calls in order while the partition count is not known yet', async () => {
    let answer: (count: number) => void = () => undefined;
    const { lanes, sends } = slowLog({ partitionsOf: () => new Promise((resolve) => (answer = resolve)) });
    const calls = ['1', '2', '3'].map((value) => lanes.publish('t', [record('k', value)]));
    answer(1);
    await eventually(() => sends.length === 1);
    expect(valuesOf(sends[0]?.batches ?? [])).toEqual(['1', '2', '3']);
    sends[0]?.end();
    await Promise.all(calls);
    await lanes.close();
  });

  it('refuses one partition without refusing those that shared its send', async () => {
    const lanes = createLanes({
      clock,
      partitionsOf: async () => 4,
      maxLanesPerSend: 16,
      maxConcurrentSends: 1,
      send: async (batches) => {
        if (batches.some((batch) => batch.topic === 'gone')) throw new FaninError('CONFIG', 'there is no topic gone');
      },
    });
    const results = await Promise.allSettled([
      lanes.publish('here', [record('a', '1')]),
      lanes.publish('gone', [record('a', '2')]),
      lanes.publish('here', [record('b', '3')]),
    ]);
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await lanes.close();
  });

  it('splits what exceeds the caps, refuses what is too large and what is too much', async () => {
    const { lanes, sends } = slowLog({
      maxBatchRecords: 2,
      maxRecordBytes: 1_000,
      maxQueuedBytes: 3_000,
      partitionsOf: async () => 1,
    });
    const call = lanes.publish(
      't',
      ['1', '2', '3'].map((value) => record('k', value)),
    );
    await eventually(() => sends.length === 1);
    expect(valuesOf(sends[0]?.batches ?? [])).toEqual(['1', '2']);
    await expect(lanes.publish('t', [record('k', 'x'.repeat(2_000))])).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
    const much = Array.from({ length: 4 }, () => record('k', 'x'.repeat(900)));
    await expect(lanes.publish('t', much)).rejects.toMatchObject({ code: 'TRANSIENT' });
    sends[0]?.end();
    await eventually(() => sends.length === 2);
    sends[1]?.end();
    await call;
    await lanes.close();
  });

  it('flushes what waits on close, and takes nothing afterwards', async () => {
    const { lanes, sends } = slowLog({ lingerMs: 10_000 });
    const call = lanes.publish('t', [record('k', 'last')]);
    await clock.sleep(10);
    const closed = lanes.close();
    await eventually(() => sends.length === 1);
    sends[0]?.end();
    await Promise.all([call, closed]);
    await expect(lanes.publish('t', [record('k', 'late')])).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  it('takes the dead letter of the largest record that it takes, and takes it back', async () => {
    const { lanes, sends } = slowLog({ maxRecordBytes: 100 });
    const largest = { key: 'k', value: Buffer.alloc(75) };
    const letter = { ...largest, headers: { 'x-fanin-dlq-reason': 'r'.repeat(200) } };
    await expect(lanes.publish('t', [{ ...largest, headers: { other: 'r' } }])).rejects.toMatchObject({
      code: 'BAD_PAYLOAD',
    });
    const done = lanes.publish('t', [largest, letter]);
    await eventually(() => sends.length === 1);
    sends[0]?.end();
    await done;
    await lanes.close();
  });

  it('sends what shares a route together, one send at a time, and what failed alone', async () => {
    const { lanes, sends } = slowLog({
      maxLanesPerSend: 64,
      maxSendsPerRoute: 1,
      routeOf: (_, partition) => partition % 2,
    });
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    const publish = (): Promise<void> =>
      lanes.publish(
        't',
        keys.map((key) => record(key, key)),
      );
    const done = [publish()];
    await eventually(() => sends.length === 2);
    const partitionsOf = (at: number): number[] => (sends[at]?.batches ?? []).map(({ partition }) => partition).sort();
    expect([partitionsOf(0), partitionsOf(1)].sort()).toEqual([
      [0, 2],
      [1, 3],
    ]);
    const even = partitionsOf(0)[0] === 0 ? 0 : 1;
    done.push(publish());
    await clock.sleep(30);
    expect(sends).toHaveLength(2);
    // Of one send, partition 2 is refused and partition 0 written: only 2 comes again, by itself.
    const batches = sends[even]?.batches ?? [];
    sends[even]?.end(batches.map(({ partition }) => (partition === 2 ? transient() : undefined)));
    await eventually(() => sends.length === 4);
    expect([partitionsOf(2), partitionsOf(3)].sort()).toEqual([[0], [2]]);
    for (let ended = 0; ended < sends.length || sends.length < 5; ended += 1) {
      await eventually(() => sends.length > ended);
      sends[ended]?.end();
    }
    await Promise.all(done);
    await lanes.close();
  });

  it('refuses what a send could not take, and no neighbour of it', async () => {
    const { lanes, sends } = slowLog({ maxLanesPerSend: 64, routeOf: () => 'one' });
    const [first = '', other = ''] = ['a', 'b', 'c', 'd', 'e'].filter(
      (key, index, all) => all.findIndex((each) => partitionOf(each, 4) === partitionOf(key, 4)) === index,
    );
    const [refused, taken] = [first, other].map((key) => lanes.publish('t', [record(key, key)]));
    const verdict = expect(refused).rejects.toMatchObject({ code: 'PERMISSION' });
    await eventually(() => sends.length === 1);
    sends[0]?.end(
      sends[0].batches.map(({ partition }) =>
        partition === partitionOf(first, 4) ? new FaninError('PERMISSION', 'no') : undefined,
      ),
    );
    await Promise.all([verdict, taken]);
    await lanes.close();
  });

  it('refuses at once who would have to wait too long, and takes the next when the line moves', async () => {
    const { lanes, sends } = slowLog();
    const first = lanes.publish('t', [record('k', 'a')], { timeoutMs: 60_000 });
    await eventually(() => sends.length === 1);
    const second = lanes.publish('t', [record('k', 'b')], { timeoutMs: 60_000 });
    await clock.sleep(1_100);
    const began = performance.now();
    await expect(lanes.publish('t', [record('k', 'c')], { timeoutMs: 2_000 })).rejects.toMatchObject({
      code: 'TRANSIENT',
      message: expect.stringContaining('behind') as string,
    });
    expect(performance.now() - began).toBeLessThan(1_000);
    const patient = lanes.publish('t', [record('k', 'd')], { timeoutMs: 60_000 });
    sends[0]?.end();
    await eventually(() => sends.length === 2);
    expect(valuesOf(sends[1]?.batches ?? [])).toEqual(['b', 'd']);
    sends[1]?.end();
    await Promise.all([first, second, patient]);
    const next = lanes.publish('t', [record('k', 'e')], { timeoutMs: 100 });
    await eventually(() => sends.length === 3);
    sends[2]?.end();
    await next;
    await lanes.close();
  });

  it('fills the last send that may be in flight with all that waits', async () => {
    const { lanes, sends } = slowLog({ maxLanesPerSend: 16, maxConcurrentSends: 2 });
    const first = lanes.publish('t', [record('key-0', 'first')]);
    await eventually(() => sends.length === 1);
    const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
    const rest = lanes.publish(
      't',
      keys.map((key) => record(key, key)),
    );
    await eventually(() => sends.length === 2);
    expect(sends[1]?.batches).toHaveLength(3);
    sends[1]?.end();
    sends[0]?.end();
    await eventually(() => sends.length === 3);
    sends[2]?.end();
    await Promise.all([first, rest]);
    await lanes.close();
  });
});
