import type { AccountNotice, ChannelHost as HostForChannels } from '@fanin/connector-kit';
import { startLagReporter, type LagReporter, type Subscription } from '@fanin/bus';
import { topicName, TOPICS } from '@fanin/contracts';
import { createStop, FaninError, uuidv7 } from '@fanin/kernel';
import type { FastifyInstance } from 'fastify';
import type { ChannelEntry } from '../config/channel-entry.js';
import type { AccountConfig } from '../config/fanin-config.js';
import { createEmit } from './capture/emit.js';
import { createRateLimits } from './capture/rate-limits.js';
import { runAccount } from './capture/run-account.js';
import { Wakes } from './capture/wakes.js';
import { createConversationLog, type OpenConversationLog } from './conversations/conversation-log.js';
import { Deliverer, type DelivererOptions } from './deliver/deliverer.js';
import { hooksOf, hookUrl } from './http/hook-addresses.js';
import { hookTableOf, type HookTable } from './http/hook-routes.js';
import { createHttpDoor, type OpenHttpDoor } from './http/http-door.js';
import { createHook } from './http/webhooks.js';
import type { HostedAccount } from './hosted-account.js';
import type { HostParts } from './host-settings.js';
import { MediaWorker } from './media/media-worker.js';
import { OpenedAccounts } from './opened-accounts.js';
import { createNormaliser } from './normalise/normaliser.js';
import { AccountStates } from './state/account-states.js';
import { createSeal } from './state/seal.js';
import { createSealedStates } from './state/sealed-states.js';
import { Upkeep } from './state/upkeep.js';

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

/** Runs the accounts of some channels in one process: captures, reads, delivers. Made before the server listens. */
export class ChannelHost {
  private readonly parts: HostParts;
  private readonly states: AccountStates;
  private readonly door: OpenHttpDoor;
  private readonly hooks: HookTable;
  private readonly conversations: OpenConversationLog;
  private readonly accounts: OpenedAccounts;
  private readonly wakes = new Wakes();
  private readonly upkeep: Upkeep;
  private readonly capturing = createStop();
  private readonly delivering = createStop();
  private readonly holder: string;
  private running: Promise<void>[] = [];
  private working: readonly Promise<void>[] = [];
  private subscriptions: readonly Subscription[] = [];
  private lag: LagReporter | undefined;

  constructor(private readonly options: ChannelHostOptions) {
    this.parts = options.parts;
    this.states = new AccountStates(this.parts);
    this.holder = `${this.parts.service}-${uuidv7(this.parts.clock.now())}`;
    this.door = createHttpDoor(options.server, options.publicUrl, this.parts.logger);
    this.hooks = hookTableOf(options.server);
    this.conversations = createConversationLog(this.parts);
    const { clock, logger, metrics } = this.parts;
    const { outboxFolder, smtp, signingSecrets } = options;
    const rateLimiter = createRateLimits(clock);
    const sealed = createSealedStates(createSeal(signingSecrets), this.parts);
    const forChannels: HostForChannels = {
      clock,
      logger,
      metrics,
      http: this.door,
      conversations: this.conversations,
      rateLimiter,
      sealed: (accountId, name) => sealed(this.configured(accountId), name),
      outboxFolder,
      smtp,
      signingSecrets,
    };
    this.accounts = new OpenedAccounts({ ...options, states: this.states, forChannels });
    this.upkeep = new Upkeep(this.parts, this.wakes);
    // A port 0 is known from here on only.
    options.server.addHook('onListen', () => this.showHooks());
  }

  /** Opens channels and accounts, begins to read, deliver and capture, in that order. Throws when the database or the bus is away. */
  async start(): Promise<void> {
    const { channels, accounts } = this.options;
    const manifests = new Map(channels.map(({ manifest }) => [manifest.slug, manifest]));
    const rows = accounts.flatMap(({ id, tenant, channel }) => {
      const manifest = manifests.get(channel);
      return manifest === undefined ? [] : [{ id, tenant, manifest }];
    });
    await this.states.register(rows, [...this.accounts.slugs]);
    await this.accounts.open();
    await this.showHooks();
    await this.subscribe();
    for (const account of this.accounts.all()) this.capture(account);
    this.running.push(this.upkeep.run(this.capturing.signal));
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
    await Promise.all(this.working);
    for (const { id } of this.accounts.all()) this.hooks.delete(id);
    await this.accounts.close();
    this.door.close();
    await this.conversations.close();
  }

  /** Never resolves; rejects when a consumer died of something that only a restart mends. */
  get failed(): Promise<never> {
    return Promise.race(this.subscriptions.map(({ failed }) => failed));
  }

  private async showHooks(): Promise<void> {
    const { publicUrl } = this.options;
    await this.states.showHooks(this.accounts.all(), (account) => hooksOf(publicUrl(), account));
  }

  private configured(id: string): AccountConfig {
    const account = this.options.accounts.find((each) => each.id === id && this.accounts.slugs.has(each.channel));
    if (account === undefined) throw new FaninError('BUG', `there is no account ${id} of this service`);
    return account;
  }

  private async subscribe(): Promise<void> {
    const { parts } = this;
    const { slugs } = this.accounts;
    const { bus, topicPrefix, service } = parts;
    const accountOf = (id: string): HostedAccount | undefined => this.accounts.get(id);
    const groupOf = (purpose: string): string => `${topicPrefix}.${service}.${purpose}`;
    const cannotSend: DelivererOptions['cannotSend'] = (account, notice) => this.cannotSend(account, notice);
    const deliverer = new Deliverer({ parts, slugs, accountOf, group: groupOf('deliver'), cannotSend });
    const wanted = [
      {
        topic: TOPICS.rawDeliveries,
        group: groupOf('normalise'),
        handler: createNormaliser({ parts, slugs, accountOf, group: groupOf('normalise') }),
      },
      { topic: TOPICS.outboundMessages, group: groupOf('deliver'), handler: deliverer.handler() },
    ];
    const media = new MediaWorker(parts, () => this.accounts.all());
    this.working = [deliverer.run(this.delivering.signal), media.run(this.delivering.signal)];
    const consumers = wanted.map(({ topic, ...rest }) => ({ ...rest, topic: topicName(topic, topicPrefix) }));
    this.subscriptions = await Promise.all(
      consumers.map(({ topic, group, handler }) => bus.subscribe({ topics: [topic], group, handler })),
    );
    this.lag = startLagReporter({ ...parts, watched: consumers });
  }

  /** Replies fail for want of rights: people are told, and whoever tells the account's state looks at it now. */
  private async cannotSend(account: HostedAccount, notice: AccountNotice): Promise<void> {
    await this.states.note(account, [notice]);
    if (!this.wakes.wake(account.id)) await this.upkeep.askForCheck(account);
  }

  private capture(account: HostedAccount): void {
    const { parts, states, holder, wakes } = this;
    const { publicUrl } = this.options;
    const { signal } = this.capturing;
    const emit = createEmit(account, parts, { accountOf: (id) => this.accounts.get(id) });
    if (account.manifest.capture === 'webhook')
      this.hooks.set(
        account.id,
        createHook({ account, emit, parts, states, wakes, hookUrl: () => hookUrl(publicUrl(), account.id), signal }),
      );
    this.running.push(
      runAccount({ account, parts, states, emit, wakes, holder, signal }).catch((error: unknown) => {
        parts.logger.error('the capture of an account ended in an unexpected way', { account: account.id, error });
      }),
    );
  }
}
