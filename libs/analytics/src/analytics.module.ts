import { Controller, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConsumeBatch, type Received } from '@fanin/bus';
import { CONTRACTS, createCodec, topicName, type TicketEventV1 } from '@fanin/contracts';
import { CLOCK, CRASH_POINT, LOGGER, type Clock, type CrashPoints, type Logger } from '@fanin/kernel';
import {
  CONFIG,
  DATABASE,
  OUTBOX,
  SHUTDOWN,
  type Database,
  type FaninConfig,
  type Outbox,
  type Shutdown,
} from '@fanin/platform';
import { MetricsController } from './api/metrics.controller.js';
import { FactsWriter } from './facts/facts-writer.js';
import { MetricsReader } from './metrics-reader.js';
import { startFlushLoop } from './windows/flush-loop.js';
import { WindowFlusher } from './windows/window-flusher.js';

/** Ticket events in, facts and windows out. */
@Controller()
export class AnalyticsConsumers implements OnApplicationBootstrap {
  constructor(
    @Inject(FactsWriter) private readonly facts: FactsWriter,
    @Inject(WindowFlusher) private readonly windows: WindowFlusher,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CRASH_POINT) private readonly crashPoints: CrashPoints,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    const loop = startFlushLoop(this.windows, this.clock, this.logger);
    this.shutdown.on('sources', 'windows', () => loop.stop());
  }

  @ConsumeBatch({ contract: CONTRACTS.ticketEvent, group: 'analytics.facts', lingerMs: 500 })
  async onTicketEvents(received: readonly Received<TicketEventV1>[]): Promise<void> {
    await this.facts.write(received.map(({ value }) => value));
    this.crashPoints.at('analytics.committed');
  }
}

@Module({
  controllers: [MetricsController, AnalyticsConsumers],
  providers: [
    {
      provide: FactsWriter,
      inject: [DATABASE, OUTBOX, CLOCK, CONFIG, CRASH_POINT],
      useFactory: (database: Database, outbox: Outbox, clock: Clock, config: FaninConfig, crashPoints: CrashPoints) =>
        new FactsWriter({
          crashPoints,
          database,
          outbox,
          clock,
          codec: createCodec(CONTRACTS.ticketFact),
          topic: topicName(CONTRACTS.ticketFact.topic, config.bus.topic_prefix),
        }),
    },
    {
      provide: WindowFlusher,
      inject: [DATABASE, OUTBOX, CLOCK, CONFIG],
      useFactory: (database: Database, outbox: Outbox, clock: Clock, config: FaninConfig) =>
        new WindowFlusher({
          database,
          outbox,
          clock,
          codec: createCodec(CONTRACTS.window),
          topic: topicName(CONTRACTS.window.topic, config.bus.topic_prefix),
        }),
    },
    { provide: MetricsReader, inject: [DATABASE], useFactory: (database: Database) => new MetricsReader(database) },
  ],
})
export class AnalyticsModule {}
