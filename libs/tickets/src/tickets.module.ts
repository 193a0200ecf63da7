import {
  CLOCK,
  CRASH_POINT,
  LOGGER,
  METRICS,
  type Clock,
  type CrashPoints,
  type Logger,
  type Metrics,
} from '@fanin/kernel';
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
import { Module, type Provider } from '@nestjs/common';
import { LiveController } from './api/live.controller.js';
import { MessagesController } from './api/messages.controller.js';
import type { CommandDependencies } from './api/ticket-patches.js';
import { TicketQueries } from './api/ticket-queries.js';
import { TicketsController } from './api/tickets.controller.js';
import { COMMAND_DEPENDENCIES, INTAKE, LIVE_HUB, RECEIPTS, SEARCH_INDEXER } from './api/tokens.js';
import { createPublishing } from './events/publishing.js';
import { InboundConsumer } from './intake/inbound.consumer.js';
import { createIntake } from './intake/intake.js';
import { createLiveHub } from './live/live-hub.js';
import { createReceipts } from './receipts/receipts.js';
import { ReceiptsConsumer } from './receipts/receipts.consumer.js';
import { createSearchIndexer } from './search/search-indexer.js';

const PROVIDERS: Provider[] = [
  {
    provide: COMMAND_DEPENDENCIES,
    inject: [DATABASE, OUTBOX, CONFIG, CLOCK, CRASH_POINT],
    useFactory: (
      database: Database,
      outbox: Outbox,
      config: FaninConfig,
      clock: Clock,
      crashPoints: CrashPoints,
    ): CommandDependencies => ({
      database,
      clock,
      crashPoints,
      publishing: createPublishing(outbox, config.bus.topic_prefix),
    }),
  },
  {
    provide: TicketQueries,
    inject: [DATABASE, CLOCK],
    useFactory: (database: Database, clock: Clock) => new TicketQueries(database, clock),
  },
  {
    provide: INTAKE,
    inject: [COMMAND_DEPENDENCIES, METRICS],
    useFactory: (dependencies: CommandDependencies, metrics: Metrics) => createIntake({ ...dependencies, metrics }),
  },
  { provide: RECEIPTS, inject: [COMMAND_DEPENDENCIES], useFactory: createReceipts },
  {
    provide: SEARCH_INDEXER,
    inject: [DATABASE, CLOCK, LOGGER, SHUTDOWN],
    useFactory: (database: Database, clock: Clock, logger: Logger, shutdown: Shutdown) => {
      const indexer = createSearchIndexer(database, clock, logger);
      shutdown.on('close', 'search indexer', () => indexer.close());
      return indexer;
    },
  },
  {
    provide: LIVE_HUB,
    inject: [DATABASE, CLOCK, LOGGER, SHUTDOWN],
    useFactory: (database: Database, clock: Clock, logger: Logger, shutdown: Shutdown) => {
      const hub = createLiveHub(database, clock, logger);
      shutdown.on('close', 'live changes', () => hub.close());
      return hub;
    },
  },
];

/** The ticket core: consumers of messages and receipts, the ticket API, live changes. */
@Module({
  controllers: [InboundConsumer, ReceiptsConsumer, TicketsController, MessagesController, LiveController],
  providers: PROVIDERS,
})
export class TicketsModule {}
