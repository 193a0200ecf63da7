import type { Clock } from '@fanin/kernel';
import { createStop, ERROR_TRAITS, FaninError, codeOf } from '@fanin/kernel';
import type { OutgoingRecord } from '../port.js';
import type { Call, Entry } from './entry.js';
import { letterBytesOf, settle, sizeOf } from './entry.js';
import type { Lane } from './lane.js';
import { isWaiting, newLane, putBack, take, waitOf } from './lane.js';
import { partitionOf } from './partitioner.js';

/** What one send carries to one partition, in order. */
export interface LaneBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
}

/** Of each batch of a send, in order: undefined when it is durable, else why it is not. */
export type Outcomes = readonly (FaninError | undefined)[];

export interface LanesOptions {
  /**
   * Makes all batches durable, or throws: then all of them count as not written and come again, in the same order, until
   * their callers' deadlines pass (retriable codes) or are refused (other codes). Where a send can succeed in part, it
   * resolves with what became of each batch: undefined for durable, else the error. Each batch is of another partition; a
   * partition never has two sends in flight, so that what comes again stays ahead of what came later.
   */
  readonly send: (batches: readonly LaneBatch[]) => Promise<Outcomes | void>;
  /** Partition count of a topic; FaninError CONFIG when there is no such topic. Asked once a topic. */
  readonly partitionsOf: (topic: string) => Promise<number>;
  readonly clock: Clock;
  /** Partitions that share one send at most. */
  readonly maxLanesPerSend: number;
  /**
   * Which partitions may share a send: those of the same route (Kafka: the leader). Default: all. Asked for each send. A
   * partition whose last send failed goes alone, so that its trouble is nobody else's.
   */
  readonly routeOf?: (topic: string, partition: number) => unknown;
  /** Sends of one route in flight at once (default: no limit): what waits meanwhile makes the next send larger. */
  readonly maxSendsPerRoute?: number;
  /** Sends in flight at once, over all lanes. */
  readonly maxConcurrentSends: number;
  /** How long the first record of an idle lane waits for company (default 2). */
  readonly lingerMs?: number;
  /** Caps of one send to one partition (defaults 1 000 records, 900 000 bytes: Kafka's own limit is 1 MiB a batch). */
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
  /** Largest record taken (default 900 000), without the headers that make a dead letter of it. */
  readonly maxRecordBytes?: number;
  /** Waiting bytes above which a publish is refused with TRANSIENT (default 64 MiB). */
  readonly maxQueuedBytes?: number;
  /** Deadline of a publish without its own (default 1 800: a webhook must be answered within 2 s). */
  readonly timeoutMs?: number;
}

export interface Lanes {
  /** See `Bus.publish`. */
  publish(topic: string, records: readonly OutgoingRecord[], options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Forgets a topic's partition count, so that it is asked again. */
  forget(topic: string): void;
  /** Refuses new records, waits for those under way (their deadlines bound it). */
  close(): Promise<void>;
}

interface Topic {
  lanes: Lane[] | undefined;
  /** Calls that came before the partition count was known, in their order. */
  readonly waiting: { readonly call: Call; readonly records: readonly OutgoingRecord[] }[];
}

const SWEEP_MS = 25;
const MAX_BACKOFF_MS = 400;

class LaneScheduler implements Lanes {
  private readonly topics = new Map<string, Topic>();
  private readonly ready = new Set<Lane>();
  private readonly calls = new Set<Call>();
  private readonly idle: (() => void)[] = [];
  private queuedBytes = 0;
  private sends = 0;
  private readonly sendsOf = new Map<unknown, number>();
  private pumpDueMs = Infinity;
  private sweeping = false;
  private closed = false;
  /** Ends waits that have nothing left to wait for. */
  private readonly over = createStop();
  private readonly lingerMs: number;
  private readonly maxSendsPerRoute: number;
  private readonly maxBatchRecords: number;
  private readonly maxBatchBytes: number;
  private readonly maxRecordBytes: number;
  private readonly maxQueuedBytes: number;

  constructor(private readonly options: LanesOptions) {
    this.lingerMs = options.lingerMs ?? 2;
    this.maxSendsPerRoute = options.maxSendsPerRoute ?? Infinity;
    this.maxBatchRecords = options.maxBatchRecords ?? 1_000;
    this.maxBatchBytes = options.maxBatchBytes ?? 900_000;
    this.maxRecordBytes = options.maxRecordBytes ?? 900_000;
    this.maxQueuedBytes = options.maxQueuedBytes ?? 64 * 1024 * 1024;
  }

  publish(
    topic: string,
    records: readonly OutgoingRecord[],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    const refusal = this.refuse(topic, records);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const deadlineMs = this.options.clock.monotonicMs() + (options.timeoutMs ?? this.options.timeoutMs ?? 1_800);
      const call: Call = { deadlineMs, open: records.length, settled: false, resolve, reject };
      this.calls.add(call);
      this.sweep();
      const known = this.topics.get(topic);
      if (known?.lanes !== undefined) this.enqueue(topic, known.lanes, call, records);
      else this.enqueueWhenKnown(topic, known, call, records);
    });
  }

  forget(topic: string): void {
    const known = this.topics.get(topic);
    if (known?.lanes?.every((lane) => !lane.inFlight && !isWaiting(lane)) === true) this.topics.delete(topic);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.pump();
    if (this.calls.size > 0 || this.sends > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    this.over.abort();
  }

  private refuse(topic: string, records: readonly OutgoingRecord[]): FaninError | undefined {
    if (this.closed) return new FaninError('TRANSIENT', 'the bus is closed');
    let bytes = 0;
    for (const record of records) {
      const size = sizeOf(record);
      if (size > this.maxRecordBytes && size - letterBytesOf(record) > this.maxRecordBytes) {
        return new FaninError(
          'BAD_PAYLOAD',
          `a record of ${size} bytes is larger than the ${this.maxRecordBytes} that ${topic} takes; send a reference instead`,
        );
      }
      bytes += size;
    }
    if (this.queuedBytes + bytes > this.maxQueuedBytes && this.queuedBytes > 0) {
      return new FaninError('TRANSIENT', 'too much is waiting for the log already');
    }
    return undefined;
  }

  private enqueueWhenKnown(
    topic: string,
    known: Topic | undefined,
    call: Call,
    records: readonly OutgoingRecord[],
  ): void {
    if (known !== undefined) {
      known.waiting.push({ call, records });
      return;
    }
    const asked: Topic = { lanes: undefined, waiting: [{ call, records }] };
    this.topics.set(topic, asked);
    void this.ask(topic, asked);
  }

  private async ask(topic: string, asked: Topic): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        const count = await this.options.partitionsOf(topic);
        asked.lanes = Array.from({ length: count }, (_, partition) => newLane(topic, partition));
        for (const { call, records } of asked.waiting.splice(0)) this.enqueue(topic, asked.lanes, call, records);
        return;
      } catch (error) {
        const open = asked.waiting.some(({ call }) => !call.settled);
        if (open && ERROR_TRAITS[codeOf(error)].retriable) {
          await this.options.clock.sleep(Math.min(MAX_BACKOFF_MS, 50 * 2 ** failures));
          continue;
        }
        this.topics.delete(topic);
        for (const { call } of asked.waiting.splice(0)) this.finish(call, error);
        return;
      }
    }
  }

  private enqueue(topic: string, lanes: readonly Lane[], call: Call, records: readonly OutgoingRecord[]): void {
    if (call.settled) return;
    const nowMs = this.options.clock.monotonicMs();
    const patienceMs = (call.deadlineMs - nowMs) / 2;
    const entries = records.map((record) => {
      const lane = lanes[partitionOf(record.key, lanes.length)];
      if (lane === undefined) throw new Error(`no lane for ${topic}`);
      return { lane, record };
    });
    // Whoever came would give up about when its turn comes: it is written all the same then, and comes again besides.
    if (entries.some(({ lane }) => waitOf(lane, nowMs) > patienceMs)) {
      this.finish(call, new FaninError('TRANSIENT', 'the log is behind: what came earlier is still waiting'));
      return;
    }
    for (const { lane, record } of entries) {
      const bytes = sizeOf(record);
      lane.queue.push({ record, bytes, call, sinceMs: nowMs });
      this.queuedBytes += bytes;
      this.ready.add(lane);
    }
    if (this.queuedBytes >= this.maxBatchBytes) this.pump();
    else this.linger(this.lingerMs);
  }

  /** Pumps after `ms`, unless that is due sooner anyway. */
  private linger(ms: number): void {
    const dueMs = this.options.clock.monotonicMs() + ms;
    if (this.pumpDueMs <= dueMs) return;
    this.pumpDueMs = dueMs;
    void this.options.clock.sleep(ms, this.over.signal).then(() => {
      if (this.pumpDueMs === dueMs) this.pumpDueMs = Infinity;
      this.pump();
    });
  }

  /** Starts as many sends as may be in flight. A lane that is in flight or backing off is left for later. */
  private pump(): void {
    const now = this.options.clock.monotonicMs();
    let wakeInMs = Infinity;
    const groups = new Map<unknown, [Lane, Entry[]][]>();
    for (const lane of this.ready) {
      if (lane.inFlight) continue;
      if (lane.notBeforeMs > now) {
        wakeInMs = Math.min(wakeInMs, lane.notBeforeMs - now);
        continue;
      }
      const route = this.routeOf(lane);
      if (!groups.has(route) && !this.mayStart(route, groups.size)) continue;
      const { taken, skippedBytes } = take(lane, this.maxBatchRecords, this.maxBatchBytes);
      this.queuedBytes -= skippedBytes;
      // To the end of the line, so that a busy lane does not keep the others from their turn.
      this.ready.delete(lane);
      if (isWaiting(lane)) this.ready.add(lane);
      if (taken.length === 0) continue;
      lane.inFlight = true;
      const group = groups.get(route) ?? [];
      group.push([lane, taken]);
      groups.set(route, group);
      if (group.length < this.options.maxLanesPerSend) continue;
      groups.delete(route);
      void this.sendGroup(route, group);
    }
    for (const [route, group] of groups) void this.sendGroup(route, group);
    if (wakeInMs !== Infinity) this.linger(wakeInMs);
  }

  /** Whether a send more may go out by this route, beside those in flight and those about to. */
  private mayStart(route: unknown, starting: number): boolean {
    if (this.sends + starting >= this.options.maxConcurrentSends) return false;
    return (this.sendsOf.get(route) ?? 0) < this.maxSendsPerRoute;
  }

  private routeOf(lane: Lane): unknown {
    return lane.failures > 0 ? lane : this.options.routeOf?.(lane.topic, lane.partition);
  }

  private async sendGroup(route: unknown, group: readonly [Lane, Entry[]][]): Promise<void> {
    this.count(route, 1);
    await this.sendOut(group);
    this.count(route, -1);
    this.pump();
    this.tellIdle();
  }

  private count(route: unknown, change: 1 | -1): void {
    this.sends += change;
    const sends = (this.sendsOf.get(route) ?? 0) + change;
    if (sends === 0) this.sendsOf.delete(route);
    else this.sendsOf.set(route, sends);
  }

  private async sendOut(group: readonly [Lane, Entry[]][]): Promise<void> {
    const batches = group.map(([lane, entries]) => ({
      topic: lane.topic,
      partition: lane.partition,
      records: entries.map((entry) => entry.record),
    }));
    let outcomes: readonly unknown[];
    try {
      outcomes = (await this.options.send(batches)) ?? [];
    } catch (error) {
      if (group.length > 1 && !ERROR_TRAITS[codeOf(error)].retriable) {
        // One partition's trouble must not refuse the records of the others.
        for (const one of group) await this.sendOut([one]);
        return;
      }
      outcomes = group.map(() => error);
    }
    group.forEach(([lane, entries], index) => {
      const error = outcomes[index];
      if (error === undefined) this.written(lane, entries);
      else if (ERROR_TRAITS[codeOf(error)].retriable) this.backOff(lane, entries);
      else this.refused(lane, entries, error);
    });
  }

  private written(lane: Lane, entries: readonly Entry[]): void {
    lane.inFlight = false;
    lane.failures = 0;
    for (const entry of entries) {
      this.queuedBytes -= entry.bytes;
      entry.call.open -= 1;
      if (entry.call.open === 0) this.finish(entry.call);
    }
  }

  private refused(lane: Lane, entries: readonly Entry[], error: unknown): void {
    lane.inFlight = false;
    for (const entry of entries) {
      this.queuedBytes -= entry.bytes;
      this.finish(entry.call, error);
    }
  }

  private backOff(lane: Lane, entries: readonly Entry[]): void {
    lane.inFlight = false;
    putBack(lane, entries);
    lane.notBeforeMs = this.options.clock.monotonicMs() + Math.min(MAX_BACKOFF_MS, 25 * 2 ** lane.failures);
    lane.failures += 1;
    this.ready.add(lane);
  }

  private finish(call: Call, error?: unknown): void {
    this.calls.delete(call);
    settle(call, error);
    this.tellIdle();
  }

  /** One loop for the deadlines of all callers, running only while somebody waits. */
  private sweep(): void {
    if (this.sweeping) return;
    this.sweeping = true;
    void (async () => {
      while (this.calls.size > 0) {
        await this.options.clock.sleep(SWEEP_MS);
        const now = this.options.clock.monotonicMs();
        for (const call of this.calls) {
          if (call.deadlineMs <= now)
            this.finish(call, new FaninError('TRANSIENT', 'the log did not take the records in time'));
        }
      }
      this.sweeping = false;
      if (this.calls.size > 0) this.sweep();
    })();
  }

  private tellIdle(): void {
    if (this.calls.size > 0 || this.sends > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }
}

/** The publish side that both engines share. */
export function createLanes(options: LanesOptions): Lanes {
  return new LaneScheduler(options);
}
