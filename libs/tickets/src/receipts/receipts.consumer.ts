import { ConsumeBatch, type Received } from '@fanin/bus';
import { CONTRACTS, OutboundReceiptV1 } from '@fanin/contracts';
import { CRASH_POINT, type CrashPoints } from '@fanin/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { RECEIPTS } from '../api/tokens.js';
import type { Receipts } from './receipts.js';

/** outbound.receipts → deliveries of messages. */
@Controller()
export class ReceiptsConsumer {
  constructor(
    @Inject(RECEIPTS) private readonly receipts: Receipts,
    @Inject(CRASH_POINT) private readonly crashPoints: CrashPoints,
  ) {}

  @ConsumeBatch({ contract: CONTRACTS.outboundReceipt, group: 'ticket-core.receipts', maxRecords: 500 })
  async takeReceipts(@Payload() received: readonly Received<OutboundReceiptV1>[]): Promise<void> {
    await this.receipts.handleBatch(received.map(({ value }) => value));
    this.crashPoints.at('tickets.receipts-committed');
  }
}
