import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Bus, BusRecord, OutgoingRecord, SubscribeOptions, Subscription } from '../port.js';

/** What an engine gives to be tried by `busContract`. */
export interface BusHarness {
  /** A bus as another process would have it: its own connections, its own memory. */
  createBus(): Promise<Bus>;
  /**
   * Ends a bus as kill -9 or a pulled cable does: nothing it does from now on reaches the log, it commits nothing and
   * leaves no group. Its handlers may still run.
   */
  kill(bus: Bus): Promise<void>;
  /** Makes the log unreachable for all buses, and reachable again. */
  breakLog(): Promise<void>;
  mendLog(): Promise<void>;
  /** Kills the broker that leads most partitions and returns once it is back. Only with three brokers. */
  changeLeader?(): Promise<void>;
  /** A dead member's partitions are another's after at most this long. */
  readonly takeoverMs: number;
  /** A handler that does not beat for this long has lost its partitions. */
  readonly sessionMs: number;
  /** Closes all buses made (the killed ones too) and whatever they ran on. */
  stop(): Promise<void>;
}

/** Waits until `condition` holds; throws with `what` when it does not within `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await wait(20);
  }
}

export function uniqueTopic(): string {
  return `contract.${randomBytes(5).toString('hex')}.v1`;
}

export async function makeTopic(bus: Bus, partitions: number, name = uniqueTopic()): Promise<string> {
  await bus.ensureTopics([{ name, partitions, retentionMs: -1, cleanup: 'delete' }]);
  return name;
}

export function text(key: string, value: string): OutgoingRecord {
  return { key, value: Buffer.from(value) };
}

export function numbered(count: number, keys: number, from = 0): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => text(`key-${(from + i) % keys}`, String(from + i)));
}

export function valueOf(record: BusRecord): string {
  return record.value?.toString('utf8') ?? '';
}

export interface Collected extends Subscription {
  readonly records: BusRecord[];
  values(): string[];
}

/** Subscribes and keeps what comes. `before` runs inside the handler, ahead of keeping. */
export async function collect(
  bus: Bus,
  options: Omit<SubscribeOptions, 'handler'> & { readonly before?: SubscribeOptions['handler'] },
): Promise<Collected> {
  const records: BusRecord[] = [];
  const { before, ...rest } = options;
  const subscription = await bus.subscribe({
    ...rest,
    handler: async (batch, context) => {
      await before?.(batch, context);
      records.push(...batch.records);
    },
  });
  subscription.failed.catch(() => undefined);
  return {
    stop: (deadlineMs) => subscription.stop(deadlineMs),
    assigned: () => subscription.assigned(),
    failed: subscription.failed,
    records,
    values: () => records.map(valueOf),
  };
}

export function partitionsHeld(subscription: Subscription, topic: string): readonly number[] {
  return [...(subscription.assigned().get(topic) ?? [])].sort((a, b) => a - b);
}

/** Publishes again and again until it is taken: what a producer with patience does while the log changes hands. */
export async function publishPatiently(
  bus: Bus,
  topic: string,
  records: readonly OutgoingRecord[],
  patienceMs = 40_000,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await bus.publish(topic, records, { timeoutMs: 5_000 });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(100);
    }
  }
}
