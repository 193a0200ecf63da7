import type { BusRecord, SubscribeOptions } from '@fanin/bus';
import { ERROR_TRAITS, FaninError, codeOf, messageOf } from '@fanin/kernel';
import type { EachBatchPayload } from 'kafkajs';
import { BatchWork } from './batch-work.js';
import { isClientError } from './errors.js';
import type { Settings } from './options.js';
import { toBusRecord } from './records.js';

const DEFAULT_MAX_RECORDS = 500;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 15_000;
const COMMIT_ATTEMPTS = 3;

export interface RunnerHost {
  /** True once the subscription ends: nothing new is begun. */
  readonly stopping: boolean;
  readonly stopSignal: AbortSignal;
  /** The subscription must die of this. */
  fail(error: unknown): void;
}

/**
 * Hands fetched batches to the handler in pieces and commits behind each. No error of a handler ever leaves it: kafkajs
 * goes silent for good on a TypeError and retries everything else for ever on the spot, which blocks the partition.
 * What does leave it are kafkajs' own errors about the group, which make it join again.
 */
export class BatchRunner {
  private readonly works = new Set<BatchWork>();
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly settings: Settings,
    private readonly options: SubscribeOptions,
    private readonly host: RunnerHost,
  ) {}

  get busy(): boolean {
    return this.works.size > 0;
  }

  /** Tells all handlers in work that nothing may be written any more. */
  abortAll(): void {
    for (const work of this.works) work.abort();
  }

  async run(payload: EachBatchPayload): Promise<void> {
    if (!this.mayGoOn(payload)) return;
    const work = new BatchWork(
      this.settings,
      () => payload.heartbeat(),
      (error) => this.host.fail(error),
    );
    this.works.add(work);
    try {
      await this.runPieces(payload, work);
    } finally {
      work.finish();
      this.works.delete(work);
    }
    if (work.cause !== undefined) throw work.cause;
  }

  private async runPieces(payload: EachBatchPayload, work: BatchWork): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const size = this.options.maxRecords ?? DEFAULT_MAX_RECORDS;
    for (let at = 0; at < messages.length; at += size) {
      if (work.cause !== undefined || !this.mayGoOn(payload)) return;
      const records = messages.slice(at, at + size).map((message) => toBusRecord(topic, partition, message));
      const last = records.at(-1);
      if (last === undefined) return;
      // Behind the last record there may be control records, which only the batch knows of.
      const next = at + size >= messages.length ? BigInt(payload.batch.lastOffset()) + 1n : last.offset + 1n;
      if (!(await this.handle(payload, work, records, next))) return;
    }
  }

  /** True when the piece is done and committed, so that the next may follow. */
  private async handle(
    payload: EachBatchPayload,
    work: BatchWork,
    records: readonly BusRecord[],
    next: bigint,
  ): Promise<boolean> {
    const { topic, partition } = payload.batch;
    let done: bigint | undefined;
    try {
      await this.options.handler(
        { topic, partition, records },
        {
          signal: work.signal,
          heartbeat: () => work.heartbeat(),
          resolve: (offset) => {
            work.signOfLife();
            if (done === undefined || offset >= done) done = offset + 1n;
          },
        },
      );
    } catch (error) {
      if (work.lost) return false;
      if (done !== undefined) await this.commit(payload, work, done);
      if (!work.signal.aborted) this.afterFailure(payload, error);
      return false;
    }
    if (work.lost) return false;
    this.failures.delete(`${topic}/${partition}`);
    return this.commit(payload, work, next);
  }

  private afterFailure(payload: EachBatchPayload, error: unknown): void {
    if (!ERROR_TRAITS[codeOf(error)].retriable) {
      this.host.fail(error);
      return;
    }
    const { topic, partition } = payload.batch;
    const key = `${topic}/${partition}`;
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    const asked = error instanceof FaninError ? error.retryAfterMs : undefined;
    const pauseMs = Math.max(asked ?? 0, Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
    const { logger, metrics } = this.settings.deps;
    logger.warn('A batch could not be handled and comes again', {
      group: this.options.group,
      topic,
      partition,
      code: codeOf(error),
      reason: messageOf(error),
      failures: failures + 1,
      pauseMs,
    });
    metrics.count('fanin_bus_batches_repeated_total', { group: this.options.group, topic });
    void this.pause(payload, pauseMs);
  }

  /** Only this partition waits; its neighbours flow. A pause that a rebalance forgets ends early, which does no harm. */
  private async pause(payload: EachBatchPayload, pauseMs: number): Promise<void> {
    const resume = payload.pause();
    await this.settings.deps.clock.sleep(pauseMs, this.host.stopSignal);
    if (!this.host.stopping) resume();
  }

  private async commit(payload: EachBatchPayload, work: BatchWork, next: bigint): Promise<boolean> {
    const { topic, partition } = payload.batch;
    payload.resolveOffset(String(next - 1n));
    const offsets = { topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await payload.commitOffsetsIfNecessary(offsets);
        return true;
      } catch (error) {
        if (
          isClientError(
            error,
            'REBALANCE_IN_PROGRESS',
            'UNKNOWN_MEMBER_ID',
            'ILLEGAL_GENERATION',
            'NOT_COORDINATOR_FOR_GROUP',
          )
        ) {
          work.noteMembershipError(error);
          return false;
        }
        // kafkajs joins again, from the last position that was committed: the records come twice, none is lost.
        if (attempt === COMMIT_ATTEMPTS) throw error;
        await this.settings.deps.clock.sleep(100 * attempt);
      }
    }
  }

  private mayGoOn(payload: EachBatchPayload): boolean {
    return !this.host.stopping && payload.isRunning() && !payload.isStale();
  }
}
