import { Inject, Injectable, Module, Optional, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { BUS, type Bus } from '@fanin/bus';
import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
import {
  CLOCK,
  CRASH_POINT,
  LOGGER,
  messageOf,
  METRICS,
  type Clock,
  type CrashPoints,
  type Logger,
  type Metrics,
} from '@fanin/kernel';
import type { FastifyInstance } from 'fastify';
import type { ChannelEntry } from '../config/channel-entry.js';
import { CONFIG, type FaninConfig } from '../config/fanin-config.js';
import { DATABASE, type Database } from '../database/database.js';
import { READINESS, type Readiness } from '../health/readiness.js';
import { OUTBOX, type Outbox } from '../outbox/outbox.js';
import { FATAL, type Fatal } from '../service/fatal.js';
import { SHUTDOWN, type Shutdown } from '../service/shutdown.js';
import { ChannelHost } from './channel-host.js';
import { DEFAULT_TIMINGS, type HostTimings } from './host-settings.js';

export interface ChannelHostModuleOptions {
  /** Name of the service: part of its consumer groups. */
  readonly service: string;
  /** The channels that it runs, e.g. those of one family from the generated list. */
  readonly channels: readonly ChannelEntry[];
  /** Where outgoing mail goes when no relay is configured; standalone only. */
  readonly outboxFolder?: string;
  readonly timings?: Partial<HostTimings>;
}

const OPTIONS = Symbol('ChannelHostModuleOptions');

/** Starts the host when everything it stands on is there, and ends it in the order of the service's shutdown. */
@Injectable()
class ChannelHostRunner implements OnApplicationBootstrap {
  private readonly host: ChannelHost;
  private failure: string | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: ChannelHostModuleOptions,
    @Inject(CONFIG) config: FaninConfig,
    @Inject(BUS) bus: Bus,
    @Inject(DATABASE) database: Database,
    @Inject(BLOB_STORE) blobs: BlobStore,
    @Inject(OUTBOX) outbox: Outbox,
    @Inject(CLOCK) clock: Clock,
    @Inject(CRASH_POINT) crashPoints: CrashPoints,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) metrics: Metrics,
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
    @Inject(HttpAdapterHost) http: HttpAdapterHost,
    @Optional() @Inject(FATAL) private readonly fatal?: Fatal,
  ) {
    const server = http.httpAdapter.getInstance<FastifyInstance>();
    const { service, channels, outboxFolder, timings } = options;
    this.host = new ChannelHost({
      parts: {
        service,
        topicPrefix: config.bus.topic_prefix,
        bus,
        database,
        blobs,
        outbox,
        clock,
        crashPoints,
        logger: logger.child({ part: 'channel-host', service }),
        metrics,
        timings: { ...DEFAULT_TIMINGS, ...timings },
      },
      channels,
      accounts: config.accounts,
      server,
      publicUrl: () => config.http.public_url ?? ownUrl(server, config),
      outboxFolder,
      smtp: config.smtp,
      signingSecrets: config.auth.signing_secrets,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    const { service } = this.options;
    this.shutdown.on('sources', `channels of ${service}`, () => this.host.stop());
    this.readiness.add(`channels of ${service}`, () => this.failure);
    await this.host.start();
    this.host.failed.catch((error: unknown) => {
      this.failure = `a consumer stopped: ${messageOf(error)}`;
      this.logger.error('a consumer of the channel host stopped, the service must be restarted', { service, error });
      this.fatal?.(error);
    });
  }
}

/** What the server listens on, for an installation without a public address. */
function ownUrl(server: FastifyInstance, { http }: FaninConfig): string {
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : http.port;
  const host = ['0.0.0.0', '::'].includes(http.host) ? '127.0.0.1' : http.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `ChannelHostModule.for({ service, channels })` in a service's modules runs the accounts of these channels. */
@Module({})
export class ChannelHostModule {
  static for(options: ChannelHostModuleOptions): DynamicModule {
    return { module: ChannelHostModule, providers: [{ provide: OPTIONS, useValue: options }, ChannelHostRunner] };
  }
}
