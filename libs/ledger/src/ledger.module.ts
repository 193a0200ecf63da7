import { Controller, Inject, Module } from '@nestjs/common';
import { ConsumeBatch, type Received } from '@fanin/bus';
import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
import { CONTRACTS, type FateV1, type RawDeliveryV1 } from '@fanin/contracts';
import { CRASH_POINT, type CrashPoints } from '@fanin/kernel';
import { DATABASE, RAW_ARCHIVE, type Database, type RawArchive } from '@fanin/platform';
import { LedgerController } from './api/ledger.controller.js';
import { DeliveryRecorder } from './delivery-recorder.js';
import { FateRecorder } from './fate-recorder.js';
import { LedgerReader } from './ledger-reader.js';

/** Reads the two topics that the ledger is made of. Both handlers are idempotent, so a batch that comes again is harmless. */
@Controller()
export class LedgerConsumers {
  constructor(
    @Inject(DeliveryRecorder) private readonly deliveries: DeliveryRecorder,
    @Inject(FateRecorder) private readonly fates: FateRecorder,
    @Inject(CRASH_POINT) private readonly crashPoints: CrashPoints,
  ) {}

  @ConsumeBatch({ contract: CONTRACTS.rawDelivery, group: 'analytics.deliveries', lingerMs: 500 })
  async onDeliveries(received: readonly Received<RawDeliveryV1>[]): Promise<void> {
    await this.deliveries.record(received.map(({ value }) => value));
    this.crashPoints.at('ledger.deliveries-committed');
  }

  @ConsumeBatch({ contract: CONTRACTS.fate, group: 'analytics.fates', lingerMs: 500 })
  async onFates(received: readonly Received<FateV1>[]): Promise<void> {
    await this.fates.record(received.map(({ value }) => value));
    this.crashPoints.at('ledger.fates-committed');
  }
}

@Module({
  controllers: [LedgerController, LedgerConsumers],
  providers: [
    {
      provide: DeliveryRecorder,
      inject: [DATABASE, RAW_ARCHIVE, BLOB_STORE, CRASH_POINT],
      useFactory: (database: Database, archive: RawArchive, blobs: BlobStore, crashPoints: CrashPoints) =>
        new DeliveryRecorder({ database, archive, blobs, crashPoints }),
    },
    { provide: FateRecorder, inject: [DATABASE], useFactory: (database: Database) => new FateRecorder(database) },
    { provide: LedgerReader, inject: [DATABASE], useFactory: (database: Database) => new LedgerReader(database) },
  ],
})
export class LedgerModule {}
