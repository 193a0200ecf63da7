import type { Metrics } from '@fanin/kernel';
import { FaninError, createSystemClock, silentLogger } from '@fanin/kernel';
import type { BatchContext, BusRecord, OutgoingRecord } from '../port.js';
import { fromDeadLetter, toRedriven } from './dead-letter.js';
import { dropped, handled, deadLettered, retryLater } from './handler-result.js';
import type { Received, SettlerOptions } from './settler.js';
import { createSettler } from './settler.js';

type Value = { n: number };
const numbers = (received: readonly Received<Value>[]) => received.map(({ value }) => value.n);

function batch(...values: (number | string | null)[]) {
  const records: BusRecord[] = values.map((value, i) => ({
    topic: 't',
    partition: 3,
    offset: BigInt(100 + i),
    key: `k${i}`,
    value: value === null ? null : Buffer.from(String(value)),
    headers: { ce_id: String(i) },
    timestampMs: 1,
  }));
  return { topic: 't', partition: 3, records };
}

function setUp(options: Partial<SettlerOptions<Value>>) {
  const letters: OutgoingRecord[] = [];
  const resolved: bigint[] = [];
  const counted: string[] = [];
  const metrics: Metrics = {
    count: (name, labels) =>
      void (
        name === 'fanin_bus_records_total' &&
        counted.push(`${labels?.['outcome']}${labels?.['reason'] ? `:${labels['reason']}` : ''}`)
      ),
    gauge: () => undefined,
    observe: () => undefined,
  };
  const settle = createSettler<Value>({
    codec: {
      decode: ({ value }) =>
        Number.isNaN(Number(value))
          ? { ok: false, error: { code: 'BAD_PAYLOAD', reason: 'no number' } }
          : { ok: true, value: { n: Number(value) } },
    },
    group: 'g',
    bus: { publish: async (_topic, records) => void letters.push(...records) },
    clock: createSystemClock(),
    logger: silentLogger,
    metrics,
    ...options,
  } as SettlerOptions<Value>);
  const context: BatchContext = {
    signal: new AbortController().signal,
    heartbeat: async () => undefined,
    resolve: ({ offset }) => void resolved.push(offset),
  };
  const lettersRead = () => letters.map((letter) => fromDeadLetter({ ...batch(0).records[0], ...letter } as BusRecord));
  return {
    settle: (input: ReturnType<typeof batch>, signal?: AbortSignal) =>
      settle(input, signal === undefined ? context : { ...context, signal }),
    letters,
    lettersRead,
    resolved,
    counted,
  };
}

describe('createSettler', () => {
  it('hands a batch over once, and counts what became of each record', async () => {
    const seen: number[][] = [];
    const { settle, counted, resolved, letters } = setUp({
      handleBatch: async (received) => {
        seen.push(numbers(received));
        return [handled(), dropped('own_echo'), deadLettered('UNSUPPORTED', 'no such kind')];
      },
    });
    await settle(batch(1, 2, null, 3));
    expect(seen).toEqual([[1, 2, 3]]);
    expect(counted).toEqual(['tombstone', 'ok', 'drop:own_echo', 'dead_letter:UNSUPPORTED']);
    expect(resolved).toEqual([103n]);
    expect(letters).toHaveLength(1);
  });

  it('halves a failing batch until the bad record is alone, in order, and keeps its bytes and headers', async () => {
    const seen: number[] = [];
    const { settle, letters, lettersRead } = setUp({
      handleBatch: async (received) => {
        if (numbers(received).includes(5)) throw new TypeError('five');
        seen.push(...numbers(received));
      },
    });
    await settle(batch(...Array.from({ length: 9 }, (_, i) => i)));
    expect(seen).toEqual([0, 1, 2, 3, 4, 6, 7, 8]);
    expect(letters[0]).toMatchObject({ key: 'k5', value: Buffer.from('5') });
    expect(letters[0]?.headers?.['ce_id']).toBe('5');
    expect(lettersRead()[0]).toMatchObject({
      code: 'BUG',
      reason: 'five',
      step: 'handle',
      topic: 't',
      partition: 3,
      offset: 105n,
      group: 'g',
      redrives: 0,
    });
  });

  it('does not try a half that must hold the bad record as a whole', async () => {
    const tried: number[][] = [];
    const { settle, letters } = setUp({
      handleBatch: async (received) => {
        tried.push(numbers(received));
        if (numbers(received).includes(7)) throw new TypeError('seven');
      },
    });
    await settle(batch(...Array.from({ length: 8 }, (_, i) => i)));
    expect(tried).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [4, 5], [6], [7]]);
    expect(letters.map(({ key }) => key)).toEqual(['k7']);
  });

  it('handles smaller parts while there are bad records, and larger ones again when there are none', async () => {
    const sizes: number[] = [];
    const { settle, letters, resolved } = setUp({
      handleBatch: async (received) => {
        if (numbers(received).includes(-1)) throw new TypeError('minus one');
        sizes.push(received.length);
      },
    });
    const good = Array.from({ length: 400 }, (_, i) => i);
    await settle(batch(-1, ...good.slice(1)));
    expect(letters).toHaveLength(1);
    sizes.length = 0;
    resolved.length = 0;
    await settle(batch(...good, ...good, ...good));
    expect(sizes).toEqual([100, 100, 100, 100, 200, 200, 200, 200]);
    expect(resolved).toHaveLength(8);
    sizes.length = 0;
    await settle(batch(...good, ...good));
    expect(sizes).toEqual([400, 400]);
  });

  it('dead-letters nothing while the environment is broken, and lets the batch come again', async () => {
    const broken = [
      new FaninError('TRANSIENT', 'x'),
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      Object.assign(new Error('x'), { code: '57P01' }),
      Object.assign(new Error('x'), { code: '25P03' }),
      Object.assign(new Error('x'), { code: '40P01' }),
      new Error('Connection terminated unexpectedly'),
    ];
    for (const error of broken) {
      const { settle, letters, resolved } = setUp({ handleBatch: () => Promise.reject(error) });
      await expect(settle(batch(1, 2))).rejects.toMatchObject({ code: 'TRANSIENT' });
      expect(letters).toEqual([]);
      expect(resolved).toEqual([]);
    }
  });

  it('stops on a CONFIG error, and when every record fails with a bug', async () => {
    const config = setUp({ handleBatch: () => Promise.reject(new FaninError('CONFIG', 'no such topic')) });
    await expect(config.settle(batch(1, 2))).rejects.toMatchObject({ code: 'CONFIG' });
    expect(config.letters).toEqual([]);
    const bug = setUp({ handleBatch: () => Promise.reject(new TypeError('always')), retry: { maxBugsInARow: 3 } });
    await expect(bug.settle(batch(...Array.from({ length: 20 }, (_, i) => i)))).rejects.toMatchObject({ code: 'BUG' });
    expect(bug.letters).toHaveLength(3);
  });

  it('takes successes between bugs as proof that the handler works', async () => {
    const { settle, letters } = setUp({
      handle: async ({ value }) => (value.n % 2 === 0 ? Promise.reject(new TypeError('even')) : handled()),
      retry: { maxBugsInARow: 2 },
    });
    await settle(batch(...Array.from({ length: 20 }, (_, i) => i)));
    expect(letters).toHaveLength(10);
  });

  it('retries what asks for it a bounded number of times, and only that', async () => {
    const seen: number[][] = [];
    const { settle, lettersRead, counted } = setUp({
      retry: { maxAttempts: 3 },
      handleBatch: async (received) => {
        seen.push(numbers(received));
        return received.map(({ value }) => (value.n === 2 ? retryLater(1, 'not yet') : handled()));
      },
    });
    await settle(batch(1, 2, 3));
    expect(seen).toEqual([[1, 2, 3], [2], [2]]);
    expect(lettersRead()[0]).toMatchObject({ code: 'TRANSIENT', reason: 'not yet', attempts: 3 });
    expect(counted).toEqual(['ok', 'retry', 'ok', 'retry', 'dead_letter:TRANSIENT']);
  });

  it('resolves record by record when handling one by one, and stops when the partition is lost', async () => {
    const controller = new AbortController();
    const { settle, resolved } = setUp({
      handle: async ({ value }) => {
        if (value.n === 2) controller.abort();
        return handled();
      },
    });
    await expect(settle(batch(1, 2, 3), controller.signal)).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(resolved).toEqual([100n, 101n]);
  });

  it('takes a wrong number of results for a bug, not for success', async () => {
    const { settle, letters } = setUp({ handleBatch: async () => [], retry: { maxBugsInARow: 10 } });
    await settle(batch(1, 2));
    expect(letters).toHaveLength(2);
  });

  it('makes the batch come again when the dead letter or its fate cannot be written', async () => {
    const down = setUp({
      handle: async () => deadLettered('BAD_PAYLOAD', 'x'),
      bus: { publish: () => Promise.reject(new FaninError('TRANSIENT', 'down')) },
    });
    await expect(down.settle(batch(1))).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(down.resolved).toEqual([]);
    const fate = setUp({
      handle: async () => deadLettered('BAD_PAYLOAD', 'x'),
      onDeadLettered: () => Promise.reject(new FaninError('TRANSIENT', 'down')),
    });
    await expect(fate.settle(batch(1))).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  it('leaves no dead letter of what it cannot read while the handler waits for the environment', async () => {
    let away = 3;
    const { settle, letters } = setUp({
      handleBatch: async () => {
        away -= 1;
        if (away >= 0) throw Object.assign(new Error('x'), { code: '57P03' });
      },
    });
    for (let turn = 0; turn < 3; turn += 1)
      await expect(settle(batch('no', 1))).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(letters).toEqual([]);
    await settle(batch('no', 1));
    expect(letters).toHaveLength(1);
  });

  it('writes a letter without the bytes when the log refuses it with them', async () => {
    const taken: OutgoingRecord[] = [];
    const { settle, resolved } = setUp({
      handle: async () => handled(),
      bus: {
        publish: async (_topic, records) => {
          if ((records[0]?.value?.length ?? 0) > 5) throw new FaninError('BAD_PAYLOAD', 'too large');
          taken.push(...records);
        },
      },
    });
    await settle(batch('far too large', 1));
    expect(resolved).toEqual([100n, 101n]);
    const [letter] = taken.map((each) => fromDeadLetter({ ...each, headers: each.headers ?? {} } as BusRecord));
    expect(taken).toMatchObject([{ value: null, headers: { 'x-fanin-dlq-value-bytes': '13' } }]);
    expect(letter).toMatchObject({ code: 'BAD_PAYLOAD', partition: 3, offset: 100n });
  });

  it('puts a dead letter back as it was, counting the times', async () => {
    const { settle, letters } = setUp({ handle: async () => deadLettered('BAD_PAYLOAD', 'x') });
    await settle(batch('not a number'));
    const [record] = batch('not a number').records;
    const back = toRedriven({ ...(record as BusRecord), headers: letters[0]?.headers ?? {} });
    expect(back).toEqual({
      key: 'k0',
      value: Buffer.from('not a number'),
      headers: { ce_id: '0', 'x-fanin-dlq-redrives': '1' },
    });
  });
});
