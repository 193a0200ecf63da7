import type { SubscribeOptions, Subscription } from '@fanin/bus';
import { createStop, FaninError, messageOf } from '@fanin/kernel';
import type { Consumer } from 'kafkajs';
import { BatchRunner } from './batch-runner.js';
import type { RunnerHost } from './batch-runner.js';
import type { Client } from './client.js';
import { createClient } from './client.js';
import { isClientError, toFaninError } from './errors.js';
import type { Settings } from './options.js';
import { within } from './within.js';

/** A fetch that finds nothing ends after this long; it also bounds how long `stop` and a resumed partition wait. */
const FETCH_WAIT_MS = 400;
/** As much is worth a fetch before the time is up. */
const LINGER_BYTES = 512 * 1024;
/** Partitions of one fetch that kafkajs hands over at once; the runner handles them together. */
const MOST_TOGETHER = 64;
const REBALANCE_TIMEOUT_MS = 30_000;
/** kafkajs fetches all the time; a consumer that neither fetches, joins nor works has stopped without saying so. */
const SILENT_AFTER_MS = 120_000;
const WATCH_EVERY_MS = 10_000;

/**
 * One member of a group. It has a client of its own: kafkajs keeps the committed offsets of a group in its client, and
 * two members of one group in one client clear each other's.
 */
export class KafkaSubscription implements Subscription, RunnerHost {
  readonly failed: Promise<never>;
  private readonly client: Client;
  private readonly consumer: Consumer;
  private readonly runner: BatchRunner;
  private readonly ending = createStop();
  private held = new Map<string, readonly number[]>();
  private reject: (error: unknown) => void = () => undefined;
  private stopped: Promise<void> | undefined;
  private starting = true;
  private onStarted: (() => void) | undefined;
  private lastSignMs: number;

  constructor(
    private readonly settings: Settings,
    private readonly options: SubscribeOptions,
    private readonly onEnd: (subscription: KafkaSubscription) => void,
  ) {
    this.failed = new Promise<never>((_, reject) => (this.reject = reject));
    this.failed.catch(() => undefined); // the service listens when it is ready to
    this.lastSignMs = settings.deps.clock.monotonicMs();
    this.runner = new BatchRunner(settings, options, this);
    this.client = createClient(settings);
    this.consumer = this.client.kafka.consumer({
      groupId: options.group,
      sessionTimeout: settings.sessionTimeoutMs,
      heartbeatInterval: settings.heartbeatIntervalMs,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, settings.sessionTimeoutMs),
      maxBytesPerPartition: settings.maxBytesPerPartition,
      maxBytes: settings.maxBytes,
      minBytes: options.lingerMs === undefined ? 1 : LINGER_BYTES,
      maxWaitTimeInMs: options.lingerMs ?? FETCH_WAIT_MS,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      retry: {
        retries: 5,
        initialRetryTime: 200,
        maxRetryTime: 2_000,
        restartOnFailure: () => Promise.resolve(!this.stopping),
      },
    });
  }

  get stopping(): boolean {
    return this.ending.signal.aborted;
  }

  get stopSignal(): AbortSignal {
    return this.ending.signal;
  }

  /** Resolves when the group is asked for; it may take the group a while to give this member partitions. */
  async start(): Promise<void> {
    this.listen();
    try {
      await this.consumer.connect();
      // From the beginning always: 'latest' has been made a committed position before (see Positions.startAtEnd), and a
      // partition that is added later, or a position that fell off the log's end, must lose nothing.
      await this.subscribeWhenKnown();
    } catch (error) {
      await this.stop(1_000);
      throw toFaninError(error, `joining the group ${this.options.group}`);
    }
    this.consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: MOST_TOGETHER,
        eachBatch: (payload) => this.runner.run(payload),
      })
      .catch((error: unknown) => this.fail(toFaninError(error, 'consuming')));
    void this.watch();
  }

  /** The broker that is asked may not have heard yet of a topic that another one made a moment ago. */
  private async subscribeWhenKnown(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
        return;
      } catch (error) {
        if (attempt === 5 || !isClientError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error;
        await this.settings.deps.clock.sleep(100 * attempt);
      }
    }
  }

  assigned(): ReadonlyMap<string, readonly number[]> {
    return this.held;
  }

  fail(error: unknown): void {
    if (this.stopping) return;
    this.settings.deps.logger.error('A subscription died; its service must leave', {
      group: this.options.group,
      reason: messageOf(error),
    });
    this.reject(error);
    void this.stop();
  }

  stop(deadlineMs = 10_000): Promise<void> {
    this.stopped ??= this.end(deadlineMs);
    return this.stopped;
  }

  /** As a killed process: nothing reaches the broker any more, the group is not left. For tests of takeover. */
  cutOff(): void {
    this.stopped = Promise.resolve();
    this.ending.abort();
    this.held = new Map();
    this.client.sockets.destroy();
    void this.consumer.stop().catch(() => undefined);
  }

  private async end(deadlineMs: number): Promise<void> {
    const { clock } = this.settings.deps;
    const deadline = clock.monotonicMs() + deadlineMs;
    const left = (): number => Math.max(0, deadline - clock.monotonicMs());
    this.ending.abort();
    // Stopped while it joins for the first time, kafkajs would finish joining and go on unseen.
    if (this.starting)
      await within(clock, Math.min(left(), 5_000), new Promise<void>((resolve) => (this.onStarted = resolve)));
    const leaving = this.consumer.disconnect().then(
      () => true,
      () => true,
    );
    if ((await within(clock, left(), leaving)) === undefined) {
      this.runner.abortAll();
      await within(clock, 1_000, leaving);
    }
    this.client.sockets.destroy();
    this.held = new Map();
    this.onEnd(this);
  }

  private listen(): void {
    const { events } = this.consumer;
    const { metrics, logger } = this.settings.deps;
    const { group } = this.options;
    this.consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.held = new Map(Object.entries(payload.memberAssignment));
      this.begun();
      metrics.count('fanin_bus_rebalances_total', { group });
      logger.info('Joined the group', { group, assigned: payload.memberAssignment, tookMs: payload.duration });
    });
    this.consumer.on(events.REBALANCING, () => void (this.held = new Map()));
    this.consumer.on(events.FETCH, () => this.sign());
    this.consumer.on(events.CRASH, ({ payload }) => {
      this.held = new Map();
      this.begun();
      if (payload.restart) {
        this.starting = true;
        logger.warn('The consumer lost its brokers and starts again', { group, reason: payload.error.message });
      } else {
        this.fail(toFaninError(payload.error, `consuming with the group ${group}`));
      }
    });
  }

  private begun(): void {
    this.starting = false;
    this.sign();
    this.onStarted?.();
  }

  private sign(): void {
    this.lastSignMs = this.settings.deps.clock.monotonicMs();
  }

  private async watch(): Promise<void> {
    const { clock } = this.settings.deps;
    for (;;) {
      await clock.sleep(WATCH_EVERY_MS, this.ending.signal);
      if (this.stopping) return;
      if (this.runner.busy) this.sign();
      else if (clock.monotonicMs() - this.lastSignMs > SILENT_AFTER_MS) {
        this.fail(new FaninError('BUG', `the consumer of group ${this.options.group} fell silent`));
      }
    }
  }
}
