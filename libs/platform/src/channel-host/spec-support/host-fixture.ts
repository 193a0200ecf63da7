import { topicSpecsOf, type Bus, type BusRecord } from '@fanin/bus';
import { createPostgresBus } from '@fanin/bus-postgres';
import {
  CONTRACTS,
  createCodec,
  topicName,
  TOPICS,
  type Contract,
  type FateV1,
  type InboundMessageV1,
  type OutboundMessageV1,
  type OutboundReceiptV1,
  type RawDeliveryV1,
} from '@fanin/contracts';
import {
  createSystemClock,
  noCrashPoints,
  noMetrics,
  opaqueKey,
  silentLogger,
  type Logger,
  type Metrics,
} from '@fanin/kernel';
import { startTestDatabase, temporaryFolder, type TestDatabase, type TestFolder } from '@fanin/test-kit';
import fastify, { type FastifyInstance } from 'fastify';
import type { ChannelEntry } from '../../config/channel-entry.js';
import type { AccountConfig } from '../../config/fanin-config.js';
import type { Database } from '../../database/database.js';
import { openDatabase } from '../../database/open-database.js';
import { PLATFORM_PART } from '../../database/platform-part.js';
import { prepareServiceRole } from '../../database/service-role.js';
import { startOutboxRelay, type OutboxRelay } from '../../outbox/outbox-relay.js';
import { createOutbox } from '../../outbox/postgres-outbox.js';
import { createFolderBlobStore } from '../../storage/folder-blob-store.js';
import { createEmit } from '../capture/emit.js';
import { ChannelHost } from '../channel-host.js';
import { CHANNELS_PART } from '../channels-part.js';
import { DEFAULT_TIMINGS, type HostParts, type HostTimings } from '../host-settings.js';

export const clock = createSystemClock();

export const QUICK: Partial<HostTimings> = {
  leaseMs: 1_500,
  backOffBaseMs: 20,
  backOffMaxMs: 100,
  sendTimeoutMs: 1_000,
  sendBackOffBaseMs: 20,
  sendBackOffMaxMs: 100,
  sendAttempts: 4,
  sweepMs: 50,
  credentialsRetryMs: 40,
  credentialsRetryMaxMs: 150,
  checkMs: 100,
  checkTimeoutMs: 500,
  reconcileDelayMs: 20,
  upkeepMs: 50,
  mediaBudgetMs: 1_000,
  mediaBreakerMs: 5_000,
  mediaAttempts: 4,
  mediaBackOffBaseMs: 40,
  mediaBackOffMaxMs: 200,
  // An attachment is held for twice as long, and told twice by whoever holds it longer than that.
  mediaTimeoutMs: 3_000,
};

/** What busy cores may add to a time that is promised. */
export const FOR_A_STARVED_MACHINE_MS = 4_000;

export async function until(what: string, condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`did not come true: ${what}`);
    await clock.sleep(20);
  }
}

export interface RunningHost {
  readonly host: ChannelHost;
  readonly server: FastifyInstance;
  readonly url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL with its log, and as many hosts over it as a test wants. One prefix of topics per test. */
export class HostFixture {
  private constructor(
    private readonly server: TestDatabase,
    private readonly folder: TestFolder,
    readonly database: Database,
    readonly bus: Bus,
    private readonly relay: OutboxRelay,
  ) {}

  static async start(): Promise<HostFixture> {
    const server = await startTestDatabase();
    const url = await prepareServiceRole(server.url);
    const common = { clock, logger: silentLogger };
    const database = await openDatabase({ url, parts: [PLATFORM_PART, CHANNELS_PART], poolSize: 20, ...common });
    const bus = createPostgresBus({ url, metrics: noMetrics, pollMs: 100, sessionMs: 3_000, ...common });
    const relay = startOutboxRelay({ database, bus, service: 'connector', metrics: noMetrics, pollMs: 50, ...common });
    return new HostFixture(server, await temporaryFolder(), database, bus, relay);
  }

  async stop(): Promise<void> {
    await this.relay.stop(2_000);
    await this.bus.close();
    await this.database.close();
    await this.server.stop();
    await this.folder.remove();
  }

  get blobs(): ReturnType<typeof createFolderBlobStore> {
    return createFolderBlobStore(this.folder.path);
  }

  parts(
    prefix: string,
    options: { bus?: Bus; logger?: Logger; metrics?: Metrics; timings?: Partial<HostTimings> } = {},
  ): HostParts {
    return {
      service: 'connector',
      topicPrefix: prefix,
      bus: options.bus ?? this.bus,
      database: this.database,
      blobs: this.blobs,
      outbox: createOutbox('connector'),
      clock,
      crashPoints: noCrashPoints,
      logger: options.logger ?? silentLogger,
      metrics: options.metrics ?? noMetrics,
      timings: { ...DEFAULT_TIMINGS, ...QUICK, ...options.timings },
    };
  }

  async topics(prefix: string): Promise<void> {
    await this.bus.ensureTopics(topicSpecsOf(prefix).map((spec) => ({ ...spec, partitions: 1 })));
  }

  async host(
    parts: HostParts,
    channels: readonly ChannelEntry[],
    accounts: readonly AccountConfig[],
    signingSecrets: readonly string[] = ['a signing secret of at least 32 characters'],
  ): Promise<RunningHost> {
    const server = fastify({ forceCloseConnections: true });
    const host = new ChannelHost({
      parts,
      channels,
      accounts,
      server,
      publicUrl: () => 'https://shop.example',
      outboxFolder: undefined,
      smtp: { host: '127.0.0.1', port: 0 },
      signingSecrets,
    });
    await host.start();
    const url = await server.listen({ port: 0, host: '127.0.0.1' });
    return {
      host,
      server,
      url,
      stop: async () => {
        await host.stop();
        await server.close();
      },
    };
  }

  async read<T extends object>(prefix: string, contract: Contract<T>): Promise<T[]> {
    const codec = createCodec(contract);
    return (await this.records(prefix, contract)).map((record) => {
      const decoded = codec.decode(record);
      if (!decoded.ok) throw new Error(decoded.error.reason);
      return decoded.value;
    });
  }

  records<T extends object>(prefix: string, contract: Contract<T>): Promise<readonly BusRecord[]> {
    return this.bus.read(topicName(contract.topic, prefix), 0, { fromOffset: 0n, limit: 1000 });
  }

  raw = (prefix: string): Promise<RawDeliveryV1[]> => this.read(prefix, CONTRACTS.rawDelivery);
  messages = (prefix: string): Promise<InboundMessageV1[]> => this.read(prefix, CONTRACTS.inboundMessage);
  fates = (prefix: string): Promise<FateV1[]> => this.read(prefix, CONTRACTS.fate);
  receipts = (prefix: string): Promise<OutboundReceiptV1[]> => this.read(prefix, CONTRACTS.outboundReceipt);

  async send(prefix: string, ...messages: OutboundMessageV1[]): Promise<void> {
    const codec = createCodec(CONTRACTS.outboundMessage);
    const records = messages.map((value) =>
      codec.encode(value, { key: opaqueKey(value.conversation_key), source: '/test' }),
    );
    await this.bus.publish(topicName(TOPICS.outboundMessages, prefix), records, { timeoutMs: 15_000 });
  }

  /** Puts deliveries of an account on the log, as its capture would. */
  async capture(
    prefix: string,
    { manifest }: ChannelEntry,
    id: string,
    ...values: object[]
  ): Promise<readonly string[]> {
    const emit = createEmit(
      { id, tenant: 'shop', manifest },
      this.parts(prefix, { timings: { emitTimeoutMs: 15_000 } }),
    );
    return emit(
      values.map((value) => ({ body: Buffer.from(JSON.stringify(value)), contentType: 'application/json', meta: {} })),
    );
  }

  async rows<T extends object>(sql: string, ...values: unknown[]): Promise<T[]> {
    const found = await this.database.transaction('*', (client) => client.query<T>(sql, values));
    return found.rows;
  }

  async state(id: string): Promise<
    | {
        state: string;
        code: string | null;
        reason: string | null;
        next_attempt_at: Date | null;
        action: string | null;
        notices: unknown[];
        hooks: unknown[];
        hook_urls: string[];
        since: Date;
      }
    | undefined
  > {
    const found = await this.database.transaction('*', (client) =>
      client.query('SELECT * FROM channels.accounts WHERE account_id = $1', [id]),
    );
    return found.rows[0];
  }

  async cursor(id: string): Promise<string | undefined> {
    const found = await this.database.transaction('*', (client) =>
      client.query('SELECT cursor FROM channels.checkpoints WHERE account_id = $1', [id]),
    );
    return found.rows[0]?.cursor;
  }
}
