import type { BusRecord, SubscribeOptions } from '@fanin/bus';
import { ERROR_TRAITS, FaninError, codeOf, messageOf } from '@fanin/kernel';
import type { EachBatchPayload } from 'kafkajs';
import { BatchWork } from './batch-work.js';
import { isClientError } from './errors.js';
import type { Settings } from './options.js';
import { Piece, Portion } from './portion.js';

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

/** Partitions whose portions came with one fetch and are handled together. */
interface Company {
  readonly portions: Portion[];
  readonly handled: Promise<void>;
}

/**
 * Hands what a fetch brought to the handler, all its partitions together in pieces, and commits behind each: a batch is a
 * transaction and a commit, whatever its size, and twelve partitions with a record each would be twelve of both. A
 * partition that fails goes on alone until it succeeds, so that its neighbours do not wait for it.
 *
 * No error of a handler ever leaves it: kafkajs goes silent for good on a TypeError and retries everything else for ever
 * on the spot, which blocks the partition. What does leave it are kafkajs' own errors about the group, which make it
 * join again.
 */
export class BatchRunner {
  private readonly works = new Set<BatchWork>();
  private readonly failures = new Map<string, number>();
  private readonly companies = new Map<string, Company>();
  private readonly waiting: (() => void)[] = [];
  private busyHands = 0;

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

  run(payload: EachBatchPayload): Promise<void> {
    const portion = new Portion(payload);
    if (this.failures.has(keyOf(portion))) return this.work([portion]);
    const company = this.companies.get(portion.topic);
    if (company === undefined) return this.gather(portion);
    company.portions.push(portion);
    // One of them is enough to tell kafkajs what went wrong.
    return company.handled.catch(() => undefined);
  }

  /** kafkajs hands over all that a fetch brought within one turn of the event loop. */
  private gather(first: Portion): Promise<void> {
    const portions = [first];
    const handled = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.companies.delete(first.topic);
      return this.sideBySide(portions);
    });
    this.companies.set(first.topic, { portions, handled });
    return handled;
  }

  /** In several hands when one piece does not hold it all. */
  private async sideBySide(portions: readonly Portion[]): Promise<void> {
    const pieces = Math.ceil(portions.reduce((sum, { count }) => sum + count, 0) / this.pieceSize);
    const hands = Math.max(1, Math.min(this.settings.concurrency, pieces, portions.length));
    const shares = Array.from({ length: hands }, (_, hand) => portions.filter((_portion, at) => at % hands === hand));
    const ends = await Promise.allSettled(shares.map((share) => this.work(share)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  private get pieceSize(): number {
    return this.options.maxRecords ?? DEFAULT_MAX_RECORDS;
  }

  private async work(portions: readonly Portion[]): Promise<void> {
    const [first] = portions;
    if (first === undefined) return;
    await this.freeHand();
    const work = new BatchWork(
      this.settings,
      () => first.payload.heartbeat(),
      (error) => this.host.fail(error),
    );
    this.works.add(work);
    try {
      while (work.cause === undefined) {
        const piece = Piece.from(
          portions.filter((portion) => this.mayGoOn(portion)),
          this.pieceSize,
        );
        if (piece === undefined || !(await this.handle(piece, work))) break;
      }
    } finally {
      work.finish();
      this.works.delete(work);
      this.handIsFree();
    }
    if (work.cause !== undefined) throw work.cause;
  }

  /** True when the piece is done and committed, so that the next may follow. */
  private async handle(piece: Piece, work: BatchWork): Promise<boolean> {
    const { records } = piece;
    const [first] = records;
    if (first === undefined) return true;
    let done = 0;
    try {
      await this.options.handler(
        { topic: first.topic, records },
        {
          signal: work.signal,
          heartbeat: () => work.heartbeat(),
          resolve: (record) => {
            work.signOfLife();
            done = 1 + records.findIndex((each, at) => at >= done - 1 && isSame(each, record));
            if (done === 0)
              throw new FaninError('BUG', 'resolve: the record is none of the batch, or one before the last');
          },
        },
      );
    } catch (error) {
      if (work.lost) return false;
      if (done > 0) await this.commit(piece, done, work);
      if (!work.signal.aborted) this.afterFailure(piece.unfinished(done), error);
      return false;
    }
    if (work.lost) return false;
    for (const portion of piece.unfinished(0)) this.failures.delete(keyOf(portion));
    return this.commit(piece, records.length, work);
  }

  private afterFailure(portions: readonly Portion[], error: unknown): void {
    if (!ERROR_TRAITS[codeOf(error)].retriable) {
      this.host.fail(error);
      return;
    }
    // What one record asks for is not its neighbours' wait.
    const asked = error instanceof FaninError && portions.length === 1 ? (error.retryAfterMs ?? 0) : 0;
    const { logger, metrics } = this.settings.deps;
    const { group } = this.options;
    for (const portion of portions) {
      const { topic, partition } = portion;
      const failures = this.failures.get(keyOf(portion)) ?? 0;
      this.failures.set(keyOf(portion), failures + 1);
      const pauseMs = Math.max(asked, Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures));
      logger.warn('A batch could not be handled and comes again', {
        group,
        topic,
        partition,
        code: codeOf(error),
        reason: messageOf(error),
        failures: failures + 1,
        pauseMs,
      });
      metrics.count('fanin_bus_batches_repeated_total', { group, topic });
      void this.pause(portion, pauseMs);
    }
  }

  /** Only this partition waits; its neighbours flow. A pause that a rebalance forgets ends early, which does no harm. */
  private async pause({ payload }: Portion, pauseMs: number): Promise<void> {
    const resume = payload.pause();
    await this.settings.deps.clock.sleep(pauseMs, this.host.stopSignal);
    if (!this.host.stopping) resume();
  }

  /** Commits behind the first `done` records of the piece. */
  private async commit(piece: Piece, done: number, work: BatchWork): Promise<boolean> {
    const positions = piece.positions(done);
    const [first] = positions;
    if (first === undefined) return true;
    const [{ payload, topic }] = first;
    const partitions = positions.map(([{ partition }, next]) => ({ partition, offset: String(next) }));
    for (let attempt = 1; ; attempt += 1) {
      try {
        await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
        // Read on from here; what could not be committed is read again instead.
        for (const [portion, next] of positions) portion.payload.resolveOffset(String(next - 1n));
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
        if (attempt === COMMIT_ATTEMPTS) throw error;
        await this.settings.deps.clock.sleep(100 * attempt);
      }
    }
  }

  private mayGoOn({ isEmpty, payload }: Portion): boolean {
    return !isEmpty && !this.host.stopping && payload.isRunning() && !payload.isStale();
  }

  private async freeHand(): Promise<void> {
    if (this.busyHands >= this.settings.concurrency) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.busyHands += 1;
  }

  /** Given on, when somebody waits for it. */
  private handIsFree(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.busyHands -= 1;
    else next();
  }
}

function keyOf({ topic, partition }: Portion): string {
  return `${topic}/${partition}`;
}

function isSame(one: BusRecord, other: BusRecord): boolean {
  return one.offset === other.offset && one.partition === other.partition;
}
