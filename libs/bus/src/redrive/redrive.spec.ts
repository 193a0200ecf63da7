import { FaninError } from '@fanin/kernel';
import type { Bus, BusRecord, OutgoingRecord, ReadOptions } from '../port.js';
import type { DeadLetter } from '../settle/dead-letter.js';
import { fromDeadLetter, toDeadLetter, toLetterByReference } from '../settle/dead-letter.js';
import { redriveCommand } from './redrive-command.js';
import { redrive } from './redrive.js';

const TOPIC = 't.v1';

function letterOf(offset: bigint, over: Partial<DeadLetter> = {}): DeadLetter {
  return {
    code: 'BUG',
    reason: 'because',
    step: 'handle',
    attempts: 2,
    group: 'g',
    topic: TOPIC,
    partition: 0,
    offset,
    firstAtMs: 1_000,
    lastAtMs: 2_000,
    redrives: 0,
    ...over,
  };
}

/** As much of a bus as a re-drive uses: two topics of one partition, and positions. */
function tinyBus() {
  const logs = new Map<string, BusRecord[]>([
    [TOPIC, []],
    [`${TOPIC}.dlq`, []],
  ]);
  const positions = new Map<string, bigint>();
  const logOf = (topic: string): BusRecord[] => logs.get(topic) ?? [];
  const append = (topic: string, { key, value, headers = {} }: OutgoingRecord): BusRecord => {
    const log = logOf(topic);
    const record = { topic, partition: 0, offset: BigInt(log.length), key, value, headers, timestampMs: 1 };
    log.push(record);
    return record;
  };
  const bus: Pick<Bus, 'publish' | 'read' | 'positions' | 'seek'> = {
    publish: async (topic, records) => {
      if (records.some(({ value }) => (value?.length ?? 0) > 100)) throw new FaninError('BAD_PAYLOAD', 'too large');
      for (const record of records) append(topic, record);
    },
    read: async (topic, _partition, { fromOffset = 0n, limit }: ReadOptions) =>
      logOf(topic)
        .filter(({ offset }) => offset >= fromOffset)
        .slice(0, limit),
    positions: async (topic, group) => [
      {
        topic,
        partition: 0,
        earliest: 0n,
        end: BigInt(logOf(topic).length),
        committed: positions.get(group) ?? null,
      },
    ],
    seek: async (_topic, group, to) => void ('offset' in to && positions.set(group, to.offset)),
  };
  return { bus: bus as Bus, append, values: (topic: string) => logOf(topic).map(({ value }) => String(value)), logOf };
}

describe('redrive', () => {
  it('puts a letter that was written twice back once, and several letters of one record each', async () => {
    const { bus, append, values } = tinyBus();
    const record = append(TOPIC, { key: 'k', value: Buffer.from('a') });
    const letter = toDeadLetter(record, letterOf(0n));
    append(`${TOPIC}.dlq`, letter);
    append(`${TOPIC}.dlq`, toDeadLetter(record, letterOf(0n, { attempts: 3, firstAtMs: 5_000, lastAtMs: 6_000 })));
    append(`${TOPIC}.dlq`, { ...letter, headers: { ...letter.headers, 'x-fanin-part': '1' } });
    expect(await redrive(bus, { topic: TOPIC })).toEqual({ redriven: 2, skipped: 0, repeated: 1, refused: 0 });
    expect(values(TOPIC)).toEqual(['a', 'a', 'a']);
    expect(await redrive(bus, { topic: TOPIC })).toEqual({ redriven: 0, skipped: 0, repeated: 0, refused: 0 });
  });

  it('puts the others back when the log refuses one, tells which, and ends with 1', async () => {
    const { bus, append, values } = tinyBus();
    for (const [n, text] of ['a', 'x'.repeat(101), 'b'].entries())
      append(`${TOPIC}.dlq`, toDeadLetter(append(TOPIC, { key: 'k', value: Buffer.from(text) }), letterOf(BigInt(n))));
    const lines: string[] = [];
    expect(await redriveCommand(bus, ['--topic', TOPIC], (line) => lines.push(line))).toBe(1);
    expect(lines.filter((line) => !line.includes('because'))).toEqual([
      '0/1  cannot be put back: too large',
      `2 put back on ${TOPIC}, 0 left where they are`,
      '1 cannot be put back',
    ]);
    expect(values(TOPIC).slice(3)).toEqual(['a', 'b']);
  });

  it('fetches the bytes of a letter by reference from where they lie, and says when they are gone', async () => {
    const { bus, append, logOf } = tinyBus();
    const kept = append(TOPIC, {
      key: 'k',
      value: Buffer.from('kept'),
      headers: { ce_id: '1', long: 'y'.repeat(600) },
    });
    const letter = toLetterByReference(kept, letterOf(0n));
    expect(letter).toMatchObject({ key: 'k', value: null, headers: { ce_id: '1', 'x-fanin-dlq-value-bytes': '4' } });
    expect(letter.headers?.['long']).toBeUndefined();
    append(`${TOPIC}.dlq`, letter);
    append(`${TOPIC}.dlq`, toLetterByReference({ ...kept, offset: 7n }, letterOf(7n)));
    const reasons: string[] = [];
    const onRefused = (_record: BusRecord, reason: string): void => void reasons.push(reason);
    expect(await redrive(bus, { topic: TOPIC, onRefused })).toMatchObject({ redriven: 1, refused: 1 });
    expect(reasons).toEqual([`its bytes are no longer kept at ${TOPIC} 0/7`]);
    const back = logOf(TOPIC).at(-1);
    expect(back).toMatchObject({
      key: 'k',
      value: Buffer.from('kept'),
      headers: { ce_id: '1', long: 'y'.repeat(600) },
    });
    expect(back && fromDeadLetter(back)).toBeUndefined();
  });
});
