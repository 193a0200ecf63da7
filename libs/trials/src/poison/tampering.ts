import { BUS, type Bus, type BusRecord } from '@fanin/bus';
import type { InboundMessageV1 } from '@fanin/contracts';
import { INTAKE, type Intake } from '@fanin/tickets';
import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

/** What a trial does to the parts of a real service, before its consumers start. */
export interface Tampering {
  /** Called with the batches of the ticket core, ahead of it; a throw is the handler's. */
  beforeHandling(messages: readonly InboundMessageV1[]): void;
  /** Called when a batch is committed. */
  afterHandling(messages: readonly InboundMessageV1[]): void;
  /** What the consumers see of a record. */
  seen(record: BusRecord): BusRecord;
  /** False keeps a publish of the service from the log, and tells it that all is well. */
  mayPublish(topic: string): boolean;
}

const TAMPERING = Symbol('Tampering');

/**
 * Goes into a service beside its own modules. Nest makes it before the consumers subscribe, so that both ends of the road
 * are in its hands and everything between them is the program as it ships.
 */
@Module({})
export class TamperingModule implements OnModuleInit {
  constructor(
    @Inject(TAMPERING) private readonly tampering: Tampering,
    @Inject(BUS) private readonly bus: Bus,
    private readonly modules: ModuleRef,
  ) {}

  static with(tampering: Tampering): DynamicModule {
    return { module: TamperingModule, providers: [{ provide: TAMPERING, useValue: tampering }] };
  }

  onModuleInit(): void {
    const { bus, tampering } = this;
    const intake = this.modules.get<Intake>(INTAKE, { strict: false });
    const subscribe = bus.subscribe.bind(bus);
    const publish = bus.publish.bind(bus);
    const handleBatch = intake.handleBatch.bind(intake);
    Object.assign(bus, {
      subscribe: (options: Parameters<Bus['subscribe']>[0]) =>
        subscribe({
          ...options,
          handler: (batch, context) =>
            options.handler({ ...batch, records: batch.records.map((record) => tampering.seen(record)) }, context),
        }),
      publish: async (...args: Parameters<Bus['publish']>) => {
        if (tampering.mayPublish(args[0])) await publish(...args);
      },
    });
    Object.assign(intake, {
      handleBatch: async (messages: readonly InboundMessageV1[]) => {
        tampering.beforeHandling(messages);
        await handleBatch(messages);
        tampering.afterHandling(messages);
      },
    });
  }
}
