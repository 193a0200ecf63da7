import { ConsumeBatch, type Received } from '@fanin/bus';
import { CONTRACTS, InboundMessageV1 } from '@fanin/contracts';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { INTAKE, SEARCH_INDEXER } from '../api/tokens.js';
import type { SearchIndexer } from '../search/search-indexer.js';
import type { Intake } from './intake.js';

/** inbound.messages → tickets. */
@Controller()
export class InboundConsumer {
  constructor(
    @Inject(INTAKE) private readonly intake: Intake,
    @Inject(SEARCH_INDEXER) private readonly search: SearchIndexer,
  ) {}

  @ConsumeBatch({ contract: CONTRACTS.inboundMessage, group: 'ticket-core.messages', maxRecords: 500 })
  async takeMessages(@Payload() received: readonly Received<InboundMessageV1>[]): Promise<void> {
    await this.intake.handleBatch(received.map(({ value }) => value));
    this.search.wake();
  }
}
