import type { Codec, DecodeFailure } from '@fanin/contracts';
import type { Clock, ErrorCode, Logger, Metrics } from '@fanin/kernel';
import { FaninError, codeOf, messageOf } from '@fanin/kernel';
import type { BatchContext, BatchHandler, Bus, BusRecord } from '../port.js';
import type { DeadLetter } from './dead-letter.js';
import { deadLetterTopicOf, redrivesOf, toDeadLetter, toLetterByReference } from './dead-letter.js';
import { asTransient, faultOf } from './fault.js';
import type { HandlerResult } from './handler-result.js';

/** A record with its decoded value. */
export interface Received<T> {
  readonly record: BusRecord;
  readonly value: T;
}

export interface HandleContext {
  /** See `BatchContext.signal`. */
  readonly signal: AbortSignal;
  /** See `BatchContext.heartbeat`. */
  heartbeat(): Promise<void>;
}

export interface RetryPolicy {
  /** Attempts at one record, the first included, before it is dead-lettered (default 5). */
  readonly maxAttempts?: number;
  /** Longest wait before another attempt, whatever the handler asked for (default 30 s). */
  readonly maxDelayMs?: number;
  /** Records in a row that may fail with BUG before the service is taken for broken (default 10). */
  readonly maxBugsInARow?: number;
}

interface SettlerBase<T extends object> {
  readonly codec: Pick<Codec<T>, 'decode'>;
  readonly group: string;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly retry?: RetryPolicy;
  /** Called once the dead letter is durable, e.g. to record the fate. A throw makes the batch come again. */
  readonly onDeadLettered?: (record: BusRecord, letter: DeadLetter) => Promise<void>;
  /** Called for records without a value on compacted topics; absent, they are passed over. */
  readonly onTombstone?: (record: BusRecord) => Promise<void>;
}

/**
 * Exactly one of the two:
 * - `handle`: one record at a time, in offset order.
 * - `handleBatch`: all decoded records of a batch, to be written in one transaction. Answers one result per record, in
 *   order, or nothing for "all ok". When it throws, nothing of the batch may have been written.
 */
export type SettlerOptions<T extends object> = SettlerBase<T> &
  (
    | {
        readonly handle: (received: Received<T>, context: HandleContext) => Promise<HandlerResult>;
        readonly handleBatch?: never;
      }
    | {
        readonly handleBatch: (
          received: readonly Received<T>[],
          context: HandleContext,
        ) => Promise<readonly HandlerResult[] | void>;
        readonly handle?: never;
      }
  );

interface Work<T> extends Received<T> {
  attempts: number;
  readonly firstAtMs: number;
}

interface Unreadable {
  readonly record: BusRecord;
  readonly firstAtMs: number;
  readonly failure: DecodeFailure;
}

type BatchFunction<T> = (
  received: readonly Received<T>[],
  context: HandleContext,
) => Promise<readonly HandlerResult[] | void>;

const OK: HandlerResult = { outcome: 'ok' };
const DEAD_LETTER_TIMEOUT_MS = 15_000;
const HEARTBEAT_MS = 1_000;
/** After a batch had to be split, its quarter at a time, and never less than this; twice as much after so many that went well. */
const SMALLEST_PART = 32;
const GOOD_PARTS = 4;

class Settler<T extends object> {
  private readonly handleBatch: BatchFunction<T>;
  private readonly maxAttempts: number;
  private readonly maxDelayMs: number;
  private readonly maxBugsInARow: number;
  private bugsInARow = 0;
  /**
   * Records handled at once. Where bad records are, large batches nearly always hold one and are done over and over until it
   * is found; a part of fifty rarely does.
   */
  private partSize = Infinity;
  private goodParts = 0;
  private splits = 0;

  constructor(private readonly options: SettlerOptions<T>) {
    const { handle } = options;
    this.handleBatch =
      handle === undefined
        ? options.handleBatch
        : async ([received], context) => [await handle(received as Received<T>, context)];
    this.maxAttempts = options.retry?.maxAttempts ?? 5;
    this.maxDelayMs = options.retry?.maxDelayMs ?? 30_000;
    this.maxBugsInARow = options.retry?.maxBugsInARow ?? 10;
  }

  async settle(records: readonly BusRecord[], context: BatchContext): Promise<void> {
    for (let at = 0; at < records.length;) {
      if (context.signal.aborted) throw new FaninError('TRANSIENT', 'the partition was taken away');
      const part = records.slice(at, at + (this.options.handle === undefined ? this.partSize : 1));
      at += part.length;
      const { work, unreadable } = await this.decode(part);
      if (work.length > 0) await this.measured(work.length, () => this.settlePart(work, context));
      // Behind the handler: a batch that comes again while the database is away must not leave its dead letters each time.
      // All at once: each waits for the log, and nobody waits for their order.
      const letters = unreadable.map(({ record, firstAtMs, failure: { code, reason } }) =>
        this.setAside({ record, attempts: 1, firstAtMs }, code, reason, 'decode', context),
      );
      for (const end of await Promise.allSettled(letters)) if (end.status === 'rejected') throw end.reason;
      const last = part.at(-1);
      if (last !== undefined) context.resolve(last);
      if (at < records.length) await context.heartbeat();
    }
  }

  /** Learns from the work on a part of `size` records how large the next ones may be. */
  private async measured(size: number, work: () => Promise<unknown>): Promise<void> {
    const before = this.splits;
    await work();
    if (this.splits > before) {
      this.partSize = Math.max(SMALLEST_PART, Math.ceil(size / 4));
      this.goodParts = 0;
    } else if ((this.goodParts += 1) >= GOOD_PARTS) {
      this.partSize *= 2;
      this.goodParts = 0;
    }
  }

  private async decode(records: readonly BusRecord[]): Promise<{ work: Work<T>[]; unreadable: Unreadable[] }> {
    const work: Work<T>[] = [];
    const unreadable: Unreadable[] = [];
    for (const record of records) {
      if (record.value === null) {
        await this.options.onTombstone?.(record);
        this.count(record, 'tombstone');
        continue;
      }
      const decoded = this.options.codec.decode(record);
      const firstAtMs = this.options.clock.now();
      if (decoded.ok) work.push({ record, value: decoded.value, attempts: 0, firstAtMs });
      else unreadable.push({ record, firstAtMs, failure: decoded.error });
    }
    return { work, unreadable };
  }

  /**
   * Settles a part in order; when the handler fails on all of it, halves it until the bad record is alone. Answers whether
   * it went well at once.
   */
  private async settlePart(work: readonly Work<T>[], context: BatchContext): Promise<boolean> {
    let open = work;
    while (open.length > 0) {
      for (const one of open) one.attempts += 1;
      let results: readonly HandlerResult[];
      try {
        results = (await this.beating(context, () => this.handleBatch(open, context))) ?? open.map(() => OK);
        if (results.length !== open.length)
          throw new FaninError('BUG', `the handler answered ${results.length} results for ${open.length} records`);
      } catch (error) {
        await this.afterThrow(open, error, context);
        return false;
      }
      open = await this.apply(open, results, context);
    }
    return true;
  }

  /**
   * What a throw means:
   * - the environment is broken (retriable codes, sockets, database gone): every record would fail, so nothing is
   *   dead-lettered; the batch goes back to the engine, which offers it again after a growing pause, for ever.
   * - CONFIG: nothing will ever work until a person acts: fatal, the subscription stops and the service leaves.
   * - anything else is taken for the record's own: a batch is halved until one record is alone with it, and that one is
   *   dead-lettered (unknown throws with BUG, after a second attempt). So poison stops nobody. If `maxBugsInARow`
   *   records fail so with no success between them, it is the handler that is broken and not the records: fatal, and the
   *   records that follow stay where they are.
   */
  private async afterThrow(work: readonly Work<T>[], error: unknown, context: BatchContext): Promise<void> {
    const fault = faultOf(error);
    if (fault === 'environment') throw asTransient(error);
    if (fault === 'fatal') throw error;
    const [first] = work;
    if (first === undefined) return;
    if (work.length > 1) {
      this.splits += 1;
      this.options.logger.warn('a batch failed as a whole and is split', {
        group: this.options.group,
        topic: first.record.topic,
        partition: first.record.partition,
        size: work.length,
        code: codeOf(error),
      });
      return this.halve(work, context);
    }
    const code = codeOf(error);
    if (code === 'BUG') {
      if (first.attempts < 2) return void (await this.settlePart(work, context));
      this.bugsInARow += 1;
      if (this.bugsInARow > this.maxBugsInARow) {
        throw new FaninError(
          'BUG',
          `the handler of group ${this.options.group} fails on every record: ${messageOf(error)}`,
          { cause: error },
        );
      }
    }
    await this.setAside(first, code, messageOf(error), 'handle', context, error);
  }

  /** For a part that failed: when its first half is good, the bad record is in the second, which is not tried as a whole. */
  private async halve(work: readonly Work<T>[], context: BatchContext): Promise<void> {
    const middle = Math.ceil(work.length / 2);
    const rest = work.slice(middle);
    const isInRest = await this.settlePart(work.slice(0, middle), context);
    await context.heartbeat();
    if (isInRest && rest.length > 1) await this.halve(rest, context);
    else await this.settlePart(rest, context);
  }

  /** Acts on each result; returns the records to be tried again, after waiting as long as the handler asked. */
  private async apply(
    work: readonly Work<T>[],
    results: readonly HandlerResult[],
    context: BatchContext,
  ): Promise<Work<T>[]> {
    const again: Work<T>[] = [];
    let waitMs = 0;
    for (const [index, one] of work.entries()) {
      const result = results[index] ?? OK;
      if (result.outcome === 'retry' && one.attempts < this.maxAttempts) {
        again.push(one);
        waitMs = Math.max(waitMs, result.afterMs);
        this.count(one.record, 'retry');
      } else if (result.outcome === 'retry') {
        await this.setAside(one, 'TRANSIENT', result.reason, 'handle', context);
      } else if (result.outcome === 'dead_letter') {
        await this.setAside(one, result.code, result.reason, 'handle', context);
      } else {
        this.bugsInARow = 0;
        this.count(one.record, result.outcome, result.outcome === 'drop' ? result.reason : '');
      }
    }
    if (again.length > 0) {
      await this.beating(context, () => this.options.clock.sleep(Math.min(waitMs, this.maxDelayMs), context.signal));
      if (context.signal.aborted) throw new FaninError('TRANSIENT', 'the partition was taken away');
    }
    return again;
  }

  private async setAside(
    work: { readonly record: BusRecord; readonly attempts: number; readonly firstAtMs: number },
    code: ErrorCode,
    reason: string,
    step: DeadLetter['step'],
    context: BatchContext,
    cause?: unknown,
  ): Promise<void> {
    const { record } = work;
    const { topic, partition, offset } = record;
    const letter: DeadLetter = {
      code,
      reason,
      step,
      attempts: work.attempts,
      group: this.options.group,
      topic,
      partition,
      offset,
      firstAtMs: work.firstAtMs,
      lastAtMs: this.options.clock.now(),
      redrives: redrivesOf(record),
    };
    const stack = cause instanceof Error && code === 'BUG' ? { stack: cause.stack } : {};
    this.options.logger.error('a record is dead-lettered', {
      group: letter.group,
      topic,
      partition,
      offset: String(offset),
      code,
      step,
      reason,
      ...stack,
    });
    await this.beating(context, async () => {
      await this.publishLetter(record, letter);
      await this.options.onDeadLettered?.(record, letter);
    });
    this.count(record, 'dead_letter', code);
  }

  /** A record that somebody else wrote may be larger than what we may write; one letter must not stop the consumer. */
  private async publishLetter(record: BusRecord, letter: DeadLetter): Promise<void> {
    const { bus } = this.options;
    const topic = deadLetterTopicOf(record.topic);
    const options = { timeoutMs: DEAD_LETTER_TIMEOUT_MS };
    try {
      await bus.publish(topic, [toDeadLetter(record, letter)], options);
    } catch (error) {
      if (codeOf(error) !== 'BAD_PAYLOAD') throw error;
      await bus.publish(topic, [toLetterByReference(record, letter)], options);
    }
  }

  /** Keeps the partition ours while `work` takes its time (kafkajs beats only between messages: rejoin loops otherwise). */
  private async beating<R>(context: BatchContext, work: () => Promise<R>): Promise<R> {
    const done = new AbortController();
    const beats = (async (): Promise<void> => {
      for (;;) {
        await this.options.clock.sleep(HEARTBEAT_MS, done.signal);
        if (done.signal.aborted || context.signal.aborted) return;
        // A failed beat shows in the signal, which the engine aborts; the work's own end decides here.
        await context.heartbeat().catch(() => undefined);
      }
    })();
    try {
      return await work();
    } finally {
      done.abort();
      await beats;
    }
  }

  private count(record: BusRecord, outcome: string, reason = ''): void {
    this.options.metrics.count('fanin_bus_records_total', {
      group: this.options.group,
      topic: record.topic,
      outcome,
      reason,
    });
  }
}

/** Makes a batch handler that decodes, validates, handles, and sets aside what cannot be handled. */
export function createSettler<T extends object>(options: SettlerOptions<T>): BatchHandler {
  const settler = new Settler(options);
  const labels = { group: options.group };
  return async (batch, context) => {
    const startedMs = options.clock.monotonicMs();
    const now = options.clock.now();
    for (const { topic, partition, timestampMs } of oldestOf(batch.records)) {
      const seconds = Math.max(0, now - timestampMs) / 1_000;
      options.metrics.gauge('fanin_bus_age_seconds', { ...labels, topic, partition: String(partition) }, seconds);
    }
    await settler.settle(batch.records, context);
    options.metrics.observe(
      'fanin_bus_batch_seconds',
      { ...labels, topic: batch.topic },
      (options.clock.monotonicMs() - startedMs) / 1_000,
    );
    options.metrics.observe('fanin_bus_batch_records', { ...labels, topic: batch.topic }, batch.records.length);
  };
}

/** The first of each partition; Kafka holds records without a time (-1) too. */
function oldestOf(records: readonly BusRecord[]): readonly BusRecord[] {
  return records.filter(
    ({ partition, timestampMs }, index) => timestampMs > 0 && records[index - 1]?.partition !== partition,
  );
}
