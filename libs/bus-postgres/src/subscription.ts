import { randomUUID } from 'node:crypto';
import type { SubscribeOptions, Subscription } from '@fanin/bus';
import type { Clock, Logger, Metrics } from '@fanin/kernel';
import { FaninError, messageOf } from '@fanin/kernel';
import type { Topic } from './catalog.js';
import type { Database } from './database.js';
import type { Listener, Watcher } from './listener.js';
import type { BeatAnswer } from './membership.js';
import { Membership } from './membership.js';
import { PartitionWorker } from './partition-worker.js';
import { WakeUp } from './wake-up.js';

export interface SubscriptionDependencies {
  readonly database: Database;
  readonly listener: Listener;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly sessionMs: number;
  readonly maxBatchBytes: number;
  readonly onStopped: (subscription: Subscription) => void;
}

/** A member of a group in this process: keeps its lease, and one worker for each partition it holds. */
export class PostgresSubscription implements Subscription, Watcher {
  readonly failed: Promise<never>;
  readonly group: string;
  readonly topicIds: readonly number[];
  private readonly workers = new Map<string, PartitionWorker>();
  /** Partitions on their way back: their workers finish the batch in hand first. */
  private readonly giving = new Set<string>();
  private readonly membership: Membership;
  private readonly beats = new WakeUp();
  private readonly over = new AbortController();
  private readonly beating: Promise<void>;
  private fail: (error: unknown) => void = () => undefined;
  private lastBeatMs: number;
  private stopped: Promise<void> | undefined;
  private hasFailed = false;

  constructor(
    private readonly topics: ReadonlyMap<number, Topic>,
    private readonly options: SubscribeOptions,
    private readonly deps: SubscriptionDependencies,
  ) {
    this.group = options.group;
    this.topicIds = [...topics.keys()];
    this.failed = new Promise<never>((_, reject) => (this.fail = reject));
    // Whoever cares awaits it; without this, an unwatched failure would end the process as an unhandled rejection.
    this.failed.catch(() => undefined);
    this.membership = new Membership(
      deps.database,
      options.group,
      randomUUID(),
      this.topicIds,
      deps.sessionMs,
      options.from === 'latest',
    );
    this.lastBeatMs = deps.clock.monotonicMs();
    deps.listener.add(this);
    this.beating = this.beatOn();
  }

  onRecords(topicId: number, partition: number, nextOffset: bigint | undefined): void {
    this.workers.get(`${topicId}:${partition}`)?.wake(nextOffset);
  }

  onGroup(): void {
    this.beats.wake();
  }

  assigned(): ReadonlyMap<string, readonly number[]> {
    const held = new Map<string, number[]>();
    for (const worker of this.workers.values())
      held.set(worker.topic.name, [...(held.get(worker.topic.name) ?? []), worker.partition]);
    return held;
  }

  stop(deadlineMs = 10_000): Promise<void> {
    this.stopped ??= this.leave(deadlineMs);
    return this.stopped;
  }

  private async leave(deadlineMs: number): Promise<void> {
    this.over.abort();
    this.beats.wake();
    this.deps.listener.remove(this);
    for (const worker of this.workers.values()) worker.finish();
    const late = new AbortController();
    const finished = Promise.all([...this.workers.values()].map((worker) => worker.done));
    await Promise.race([finished, this.deps.clock.sleep(deadlineMs, late.signal)]);
    late.abort();
    for (const worker of this.workers.values()) worker.lose();
    await this.beating;
    // When the log cannot be reached the lease runs out by itself.
    await this.membership.leave().catch((error: unknown) => {
      this.deps.logger.warn('left a group without saying so', { group: this.group, reason: messageOf(error) });
    });
    this.workers.clear();
    this.deps.onStopped(this);
  }

  /** The lease, in a loop of its own: long handlers do not endanger it as long as the process lives. */
  private async beatOn(): Promise<void> {
    const { clock, sessionMs } = this.deps;
    for (let first = true; !this.over.signal.aborted;) {
      try {
        const answer = await this.membership.beat(first);
        first = false;
        this.lastBeatMs = clock.monotonicMs();
        if (!this.over.signal.aborted) this.adjust(answer);
      } catch (error) {
        this.deps.logger.warn('a sign of life did not reach the log', { group: this.group, reason: messageOf(error) });
        if (clock.monotonicMs() - this.lastBeatMs > sessionMs) this.loseAll();
      }
      await this.beats.waitAtMost(Math.max(50, sessionMs / 4), clock);
    }
  }

  private loseAll(): void {
    for (const [key, worker] of this.workers) {
      worker.lose();
      this.workers.delete(key);
    }
  }

  /** Starts workers for what is newly ours, ends those for what is not, and gives back what exceeds our share. */
  private adjust({ claims, quotas }: BeatAnswer): void {
    const held = new Map(claims.map((claim) => [`${claim.topicId}:${claim.partition}`, claim]));
    for (const [key, worker] of this.workers) {
      if (held.get(key)?.epoch === worker.claim.epoch) continue;
      worker.lose();
      this.workers.delete(key);
    }
    for (const topicId of this.topicIds) {
      const ours = claims.filter((claim) => claim.topicId === topicId).sort((a, b) => a.partition - b.partition);
      const surplus = ours.length - (quotas.get(topicId) ?? ours.length);
      for (const [index, claim] of ours.entries()) {
        const key = `${topicId}:${claim.partition}`;
        const topic = this.topics.get(topicId);
        if (topic === undefined) continue;
        if (index >= ours.length - surplus) this.giveBack(key, claim);
        else if (!this.workers.has(key))
          this.workers.set(key, new PartitionWorker(topic, claim, this.workerDependencies()));
      }
    }
  }

  private giveBack(key: string, claim: BeatAnswer['claims'][number]): void {
    if (this.giving.has(key)) return;
    this.giving.add(key);
    const worker = this.workers.get(key);
    worker?.finish();
    void (worker?.done ?? Promise.resolve()).then(async () => {
      this.giving.delete(key);
      if (this.workers.get(key) === worker) this.workers.delete(key);
      if (this.over.signal.aborted || this.hasFailed) return;
      await this.membership.release([claim]).catch((error: unknown) => {
        this.deps.logger.warn('a partition was not given back; the next sign of life tries again', {
          group: this.group,
          reason: messageOf(error),
        });
      });
    });
  }

  private workerDependencies() {
    const { database, clock, logger, metrics, maxBatchBytes, sessionMs } = this.deps;
    return {
      database,
      membership: this.membership,
      handler: this.options.handler,
      group: this.group,
      maxRecords: this.options.maxRecords ?? 500,
      maxBytes: maxBatchBytes,
      clock,
      logger,
      metrics,
      heartbeat: async (): Promise<void> => {
        if (clock.monotonicMs() - this.lastBeatMs > sessionMs) throw new FaninError('TRANSIENT', 'the lease ran out');
      },
      onFatal: (error: unknown) => this.die(error),
    };
  }

  private die(error: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.deps.logger.error('a subscription ends: its handler threw what nobody foresaw', {
      group: this.group,
      reason: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    this.deps.metrics.count('fanin_bus_subscription_failures_total', { group: this.group });
    this.fail(error);
    void this.stop();
  }
}
