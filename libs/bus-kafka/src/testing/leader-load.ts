import { setTimeout as wait } from 'node:timers/promises';
import type { Bus } from '@fanin/bus';
import type { KafkaCluster } from '@fanin/dev-kafka';

export const PARTITIONS = 6;
const WRITERS = 8;
const KEYS_PER_WRITER = 12;
const RECORDS_PER_CALL = 36;

export interface LoadResult {
  /** Values whose publish resolved. */
  readonly acknowledged: readonly string[];
  readonly refused: number;
}

export type Publish = (records: readonly { readonly key: string; readonly value: Buffer }[]) => Promise<void>;

/**
 * Writers that publish without a pause, each over keys of its own with growing numbers, so that every call spreads over
 * all partitions and order per key can be checked. They run until `over` says so.
 */
export async function load(
  publish: Publish,
  over: () => boolean,
  onAcknowledged: (count: number) => void,
): Promise<LoadResult> {
  const acknowledged: string[] = [];
  let refused = 0;
  const write = async (writer: number): Promise<void> => {
    for (let next = 0; !over(); next += RECORDS_PER_CALL) {
      const records = Array.from({ length: RECORDS_PER_CALL }, (_, i) => {
        const key = `w${writer}-k${(next + i) % KEYS_PER_WRITER}`;
        return { key, value: Buffer.from(`${key}:${next + i}`) };
      });
      try {
        await publish(records);
        acknowledged.push(...records.map((record) => record.value.toString()));
        onAcknowledged(acknowledged.length);
      } catch {
        refused += RECORDS_PER_CALL; // may or may not be there
        await wait(20);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return { acknowledged, refused };
}

/** Runs the load, kills one broker with -9 in its midst, goes on until it has been taken over from, and ends. */
export async function loadWithKill(publish: Publish, cluster: KafkaCluster, brokerId: number): Promise<LoadResult> {
  let count = 0;
  let over = false;
  const running = load(
    publish,
    () => over,
    (now) => void (count = now),
  );
  const reach = async (target: number): Promise<void> => {
    while (count < target) await wait(20);
  };
  await reach(3_000);
  await cluster.kill(brokerId, 'SIGKILL');
  // Kafka itself needs up to its broker session timeout (9 s) to name new leaders; the load comes to rest until then.
  const atKill = count;
  await wait(10_000);
  await reach(Math.max(atKill, count) + 3_000);
  over = true;
  return running;
}

export interface Found {
  readonly values: ReadonlySet<string>;
  readonly twice: number;
  /** Records whose first copy stands behind a later one of the same key. */
  readonly outOfOrder: number;
}

export async function readAll(bus: Bus, topic: string): Promise<Found> {
  const values = new Set<string>();
  const lastOfKey = new Map<string, number>();
  let twice = 0;
  let outOfOrder = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    for (let fromOffset = 0n; ;) {
      const records = await bus.read(topic, partition, { fromOffset, limit: 5_000 });
      if (records.length === 0) break;
      for (const record of records) {
        const value = record.value?.toString() ?? '';
        if (values.has(value)) {
          twice += 1;
          continue;
        }
        values.add(value);
        const [key = '', number = ''] = value.split(':');
        if (Number(number) < (lastOfKey.get(key) ?? -1)) outOfOrder += 1;
        lastOfKey.set(key, Number(number));
      }
      fromOffset = (records.at(-1)?.offset ?? 0n) + 1n;
    }
  }
  return { values, twice, outOfOrder };
}
