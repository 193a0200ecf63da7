import type { Contract } from '@fanin/contracts';
import { createCodec, DEFAULT_TOPIC_PREFIX, topicName } from '@fanin/contracts';
import type { Clock, Logger, Metrics } from '@fanin/kernel';
import { FaninError, messageOf } from '@fanin/kernel';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { BaseRpcContext, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { LagReporter } from '../lag.js';
import { startLagReporter } from '../lag.js';
import type { Bus, BusRecord, Subscription } from '../port.js';
import type { DeadLetter } from '../settle/dead-letter.js';
import type { HandlerResult } from '../settle/handler-result.js';
import type { HandleContext, Received } from '../settle/settler.js';
import { createSettler } from '../settle/settler.js';
import type { ConsumeBatchOptions, MethodOutcome } from './consume-batch.js';
import { BUS_TRANSPORT } from './consume-batch.js';

export interface BusTransportOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** First part of all topic names (default `fanin`). */
  readonly topicPrefix?: string;
  /** A subscription died of something that only a restart mends: mark the service not ready and leave. */
  readonly onFailure: (error: unknown) => void;
  /** A record was set aside and its dead letter is durable: record its fate. A throw makes the batch come again. */
  readonly onDeadLettered?: (contract: Contract<object>, record: BusRecord, letter: DeadLetter) => Promise<void>;
  /** How long `close` waits for batches in work (default 10 000). */
  readonly drainMs?: number;
  /** How often the lag of the groups is measured (default 15 000; 0 = never). */
  readonly lagEveryMs?: number;
}

/** What `@Ctx()` gives a batch method. */
export class BatchRpcContext extends BaseRpcContext<[HandleContext]> implements HandleContext {
  get signal(): AbortSignal {
    return this.getArgByIndex(0).signal;
  }

  heartbeat(): Promise<void> {
    return this.getArgByIndex(0).heartbeat();
  }
}

/**
 * The bus as a Nest transport: `app.connectMicroservice({ strategy: new BusTransport(…) })`. Nest's own Kafka transport
 * knows no batches, commits before the work is durable, renames groups and hides errors, so only its shape is kept.
 */
export class BusTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = BUS_TRANSPORT;
  /** Nest must not log and swallow what a handler throws: the settler decides. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly subscriptions: Subscription[] = [];
  private lag: LagReporter | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: BusTransportOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  /** Partitions held now, by group and topic: for readiness. */
  assigned(): ReadonlyMap<string, readonly number[]>[] {
    return this.subscriptions.map((subscription) => subscription.assigned());
  }

  override on(): never {
    throw new FaninError('UNSUPPORTED', 'BusTransport has no events: watch onFailure');
  }

  override unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async start(): Promise<void> {
    const watched: { topic: string; group: string }[] = [];
    for (const [pattern, handler] of this.messageHandlers) {
      const consume = handler.extras?.['consume'] as ConsumeBatchOptions<object> | undefined;
      if (consume === undefined)
        throw new FaninError('CONFIG', `${pattern}: declare handlers of the bus with @ConsumeBatch`);
      if (handler.next !== undefined)
        throw new FaninError(
          'CONFIG',
          `${pattern}: two methods consume the same contract in the same group; give one its own group`,
        );
      const topic = topicName(consume.contract.topic, this.options.topicPrefix);
      const group = `${this.options.topicPrefix ?? DEFAULT_TOPIC_PREFIX}.${consume.group}`;
      // kafkajs assigns by the leader's topics: members of one group must all read the same ones, or some are read by nobody.
      if (watched.some((other) => other.group === group))
        throw new FaninError(
          'CONFIG',
          `${pattern}: another method reads another topic in the group ${consume.group}; a group reads one topic`,
        );
      this.subscriptions.push(await this.subscribe(topic, group, consume, handler));
      watched.push({ topic, group });
    }
    if (this.options.lagEveryMs !== 0 && watched.length > 0) {
      const everyMs = this.options.lagEveryMs;
      this.lag = startLagReporter({ ...this.options, watched, ...(everyMs === undefined ? {} : { everyMs }) });
    }
  }

  private async subscribe(
    topic: string,
    group: string,
    consume: ConsumeBatchOptions<object>,
    handler: MessageHandler,
  ): Promise<Subscription> {
    const { bus, clock, logger, metrics } = this.options;
    const { onDeadLettered } = this.options;
    const settler = createSettler<object>({
      codec: createCodec(consume.contract as Contract<object>),
      group,
      bus,
      clock,
      logger,
      metrics,
      ...(consume.retry === undefined ? {} : { retry: consume.retry }),
      ...(onDeadLettered === undefined
        ? {}
        : { onDeadLettered: (record, letter) => onDeadLettered(consume.contract, record, letter) }),
      handleBatch: async (received, context) => {
        const outcome = await this.invoke(handler, received, context);
        if (outcome.threw) throw outcome.error;
        return outcome.results;
      },
    });
    const subscription = await bus.subscribe({
      topics: [topic],
      group,
      handler: settler,
      ...(consume.maxRecords === undefined ? {} : { maxRecords: consume.maxRecords }),
      ...(consume.lingerMs === undefined ? {} : { lingerMs: consume.lingerMs }),
      ...(consume.from === undefined ? {} : { from: consume.from }),
    });
    subscription.failed.catch((error: unknown) => {
      logger.error('a consumer died', { group, topic, reason: messageOf(error) });
      this.options.onFailure(error);
    });
    return subscription;
  }

  private async invoke(
    handler: MessageHandler,
    received: readonly Received<object>[],
    context: HandleContext,
  ): Promise<MethodOutcome> {
    const answer: unknown = await handler(received, new BatchRpcContext([context]));
    const outcome = await lastValueFrom(this.transformToObservable(answer), { defaultValue: undefined });
    if (typeof outcome === 'object' && outcome !== null && 'threw' in outcome) return outcome as MethodOutcome;
    // An interceptor may have replaced the outcome by results of its own.
    return { threw: false, results: outcome as readonly HandlerResult[] | void };
  }

  private async drain(): Promise<void> {
    await this.lag?.stop();
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop(this.options.drainMs ?? 10_000)));
  }
}
