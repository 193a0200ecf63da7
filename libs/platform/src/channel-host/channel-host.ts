import type { Channel, ChannelHost as HostForChannels, ChannelInstance } from '@fanin/connector-kit';
import { startLagReporter, type LagReporter, type Subscription } from '@fanin/bus';
import { topicName, TOPICS } from '@fanin/contracts';
import { FaninError, messageOf, uuidv7 } from '@fanin/kernel';
import type { FastifyInstance } from 'fastify';
import type { ChannelEntry } from '../config/channel-entry.js';
import type { AccountConfig } from '../config/fanin-config.js';
import { createEmit } from './capture/emit.js';
import { createRateLimits } from './capture/rate-limits.js';
import { runAccount } from './capture/run-account.js';
import { createConversationLog, type OpenConversationLog } from './conversations/conversation-log.js';
import { Deliverer, type DelivererOptions } from './deliver/deliverer.js';
import { HOOKS_PREFIX, hookTableOf, type HookTable } from './http/hook-routes.js';
import { createHttpDoor, type OpenHttpDoor } from './http/http-door.js';
import { createHook } from './http/webhooks.js';
import type { HostedAccount } from './hosted-account.js';
import type { HostParts } from './host-settings.js';
import { createNormaliser } from './normalise/normaliser.js';
import { AccountStates } from './state/account-states.js';
import { createSeal } from './state/seal.js';
import { createSealedState } from './state/sealed-states.js';

export interface ChannelHostOptions {
  readonly parts: HostParts;
  /** Channels that this service runs; others' accounts are somebody else's. */
  readonly channels: readonly ChannelEntry[];
  /** All accounts of the configuration. */
  readonly accounts: readonly AccountConfig[];
  readonly server: FastifyInstance;
  /** Address that the outside reaches us under; asked for late, because a port 0 is known only after listening. */
  readonly publicUrl: () => string;
  readonly outboxFolder: string | undefined;
  readonly smtp: HostForChannels['smtp'];
  readonly signingSecrets: readonly string[];
}

interface OpenedChannel {
  readonly channel: Channel;
  readonly shared: unknown;
  /** Why its shared part could not be opened. */
  readonly failure: unknown;
}

/** Runs the accounts of some channels in one process: captures, reads, delivers. Made before the server listens. */
export class ChannelHost {
  private readonly parts: HostParts;
  private readonly states: AccountStates;
  private readonly door: OpenHttpDoor;
  private readonly hooks: HookTable;
  private readonly conversations: OpenConversationLog;
  private readonly forChannels: HostForChannels;
  private readonly opened = new Map<string, OpenedChannel>();
  private readonly accounts = new Map<string, HostedAccount>();
  private readonly slugs: ReadonlySet<string>;
  private readonly capturing = new AbortController();
  private readonly delivering = new AbortController();
  private readonly holder: string;
  private running: Promise<void>[] = [];
  private deliveries: Promise<void> = Promise.resolve();
  private subscriptions: readonly Subscription[] = [];
  private lag: LagReporter | undefined;

  constructor(private readonly options: ChannelHostOptions) {
    this.parts = options.parts;
    this.states = new AccountStates(this.parts);
    this.slugs = new Set(options.channels.map(({ manifest }) => manifest.slug));
    this.holder = `${this.parts.service}-${uuidv7(this.parts.clock.now())}`;
    this.door = createHttpDoor(options.server, options.publicUrl, this.parts.logger);
    this.hooks = hookTableOf(options.server);
    this.conversations = createConversationLog(this.parts);
    const { clock, logger, metrics } = this.parts;
    const { outboxFolder, smtp, signingSecrets } = options;
    const rateLimiter = createRateLimits(clock);
    const seal = createSeal(signingSecrets);
    this.forChannels = {
      clock,
      logger,
      metrics,
      http: this.door,
      conversations: this.conversations,
      rateLimiter,
      sealed: (accountId, name) => createSealedState(this.configured(accountId), name, seal, this.parts),
      outboxFolder,
      smtp,
      signingSecrets,
    };
  }

  /** Opens channels and accounts, begins to read, deliver and capture, in that order. Throws when the database or the bus is away. */
  async start(): Promise<void> {
    const { channels, accounts } = this.options;
    const own = accounts.filter(({ channel }) => this.slugs.has(channel));
    const manifests = new Map(channels.map(({ manifest }) => [manifest.slug, manifest]));
    const rows = own.flatMap(({ id, tenant, channel }) => {
      const manifest = manifests.get(channel);
      return manifest === undefined ? [] : [{ id, tenant, manifest }];
    });
    await this.states.register(rows, [...this.slugs], ({ id, manifest }) =>
      manifest.capture === 'webhook' ? [this.hookUrl(id)] : [],
    );
    for (const slug of new Set(own.map(({ channel }) => channel))) await this.openChannel(slug);
    for (const account of own) await this.openAccount(account);
    await this.subscribe();
    for (const account of this.accounts.values()) this.capture(account);
  }

  /** Ends capture: webhooks answer 503, polls and streams stop. Never rejects. */
  async stopCapture(): Promise<void> {
    this.capturing.abort();
    await Promise.all(this.running);
  }

  /** Ends everything that `start` began; idempotent. */
  async stop(): Promise<void> {
    await this.stopCapture();
    await this.lag?.stop();
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    this.subscriptions = [];
    this.delivering.abort();
    await this.deliveries;
    for (const { id, instance } of this.accounts.values()) {
      this.hooks.delete(id);
      if (instance !== undefined) await this.quietly('an account could not be closed', id, () => instance.close());
    }
    this.accounts.clear();
    for (const [slug, { channel, shared, failure }] of this.opened)
      if (failure === undefined)
        await this.quietly('a channel could not be closed', slug, async () => channel.closeShared?.(shared));
    this.opened.clear();
    this.door.close();
    await this.conversations.close();
  }

  /** Never resolves; rejects when a consumer died of something that only a restart mends. */
  get failed(): Promise<never> {
    return Promise.race(this.subscriptions.map(({ failed }) => failed));
  }

  /** Asks an account whether it works, without capturing. Throws FaninError. */
  accountOf(id: string): HostedAccount | undefined {
    return this.accounts.get(id);
  }

  private configured(id: string): AccountConfig {
    const account = this.options.accounts.find((each) => each.id === id && this.slugs.has(each.channel));
    if (account === undefined) throw new FaninError('BUG', `there is no account ${id} of this service`);
    return account;
  }

  private hookUrl(id: string): string {
    return `${this.options.publicUrl()}${HOOKS_PREFIX}/${encodeURIComponent(id)}`;
  }

  private async openChannel(slug: string): Promise<void> {
    const entry = this.options.channels.find(({ manifest }) => manifest.slug === slug);
    if (entry === undefined) return;
    const channel = await entry.load();
    try {
      this.opened.set(slug, { channel, shared: await channel.open?.(this.forChannels), failure: undefined });
    } catch (error) {
      this.opened.set(slug, { channel, shared: undefined, failure: error });
    }
  }

  /** An account that cannot be created shows why and stands still; the others go on. */
  private async openAccount({ id, tenant, channel: slug, config }: AccountConfig): Promise<void> {
    const opened = this.opened.get(slug);
    if (opened === undefined) return;
    const { channel, shared, failure } = opened;
    const { manifest } = channel;
    let instance: ChannelInstance | undefined;
    try {
      if (failure !== undefined) throw failure;
      const logger = this.parts.logger.child({ account: id, channel_slug: slug });
      instance = channel.create({ id, tenant, config }, { ...this.forChannels, logger }, shared);
    } catch (error) {
      await this.states.fail({ id, tenant, manifest }, error);
    }
    this.accounts.set(id, { id, tenant, manifest, instance });
  }

  private async subscribe(): Promise<void> {
    const { parts, slugs } = this;
    const { bus, topicPrefix, service } = parts;
    const accountOf = (id: string): HostedAccount | undefined => this.accounts.get(id);
    const groupOf = (purpose: string): string => `${topicPrefix}.${service}.${purpose}`;
    const note: DelivererOptions['note'] = (account, notice) => this.states.note(account, [notice]);
    const deliverer = new Deliverer({ parts, slugs, accountOf, group: groupOf('deliver'), note });
    const wanted = [
      {
        topic: TOPICS.rawDeliveries,
        group: groupOf('normalise'),
        handler: createNormaliser({ parts, slugs, accountOf, group: groupOf('normalise') }),
      },
      { topic: TOPICS.outboundMessages, group: groupOf('deliver'), handler: deliverer.handler() },
    ];
    this.deliveries = deliverer.run(this.delivering.signal);
    const consumers = wanted.map(({ topic, ...rest }) => ({ ...rest, topic: topicName(topic, topicPrefix) }));
    this.subscriptions = await Promise.all(
      consumers.map(({ topic, group, handler }) => bus.subscribe({ topics: [topic], group, handler })),
    );
    this.lag = startLagReporter({ ...parts, watched: consumers });
  }

  private capture(account: HostedAccount): void {
    const { parts, states, holder } = this;
    const { signal } = this.capturing;
    const emit = createEmit(account, parts);
    if (account.manifest.capture === 'webhook')
      this.hooks.set(
        account.id,
        createHook({ account, emit, parts, states, hookUrl: () => this.hookUrl(account.id), signal }),
      );
    this.running.push(
      runAccount({ account, parts, states, emit, holder, signal }).catch((error: unknown) => {
        parts.logger.error('the capture of an account ended in an unexpected way', { account: account.id, error });
      }),
    );
  }

  private async quietly(what: string, name: string, work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.parts.logger.warn(what, { name, reason: messageOf(error) });
    }
  }
}
