import type { Channel, ChannelHost, ChannelInstance } from '@fanin/connector-kit';
import { messageOf } from '@fanin/kernel';
import type { ChannelEntry } from '../config/channel-entry.js';
import type { AccountConfig } from '../config/fanin-config.js';
import type { HostedAccount } from './hosted-account.js';
import type { HostParts } from './host-settings.js';
import type { AccountStates } from './state/account-states.js';

interface OpenedChannel {
  readonly channel: Channel;
  readonly shared: unknown;
  /** Why its shared part could not be opened. */
  readonly failure: unknown;
}

export interface OpenedAccountsOptions {
  readonly parts: HostParts;
  readonly states: AccountStates;
  /** Channels that this service runs; others' accounts are somebody else's. */
  readonly channels: readonly ChannelEntry[];
  /** All accounts of the configuration. */
  readonly accounts: readonly AccountConfig[];
  readonly forChannels: ChannelHost;
}

/** The channels and accounts of a process, from opening to closing. */
export class OpenedAccounts {
  readonly slugs: ReadonlySet<string>;
  private readonly opened = new Map<string, OpenedChannel>();
  private readonly accounts = new Map<string, HostedAccount>();

  constructor(private readonly options: OpenedAccountsOptions) {
    this.slugs = new Set(options.channels.map(({ manifest }) => manifest.slug));
  }

  get(id: string): HostedAccount | undefined {
    return this.accounts.get(id);
  }

  all(): readonly HostedAccount[] {
    return [...this.accounts.values()];
  }

  /** Opens each channel that has an account here, then the accounts. Their rows must be there. Never rejects for one of them. */
  async open(): Promise<void> {
    const own = this.options.accounts.filter(({ channel }) => this.slugs.has(channel));
    for (const slug of new Set(own.map(({ channel }) => channel))) await this.openChannel(slug);
    for (const account of own) await this.openAccount(account);
  }

  async close(): Promise<void> {
    for (const { id, instance } of this.accounts.values())
      if (instance !== undefined) await this.quietly('an account could not be closed', id, () => instance.close());
    this.accounts.clear();
    for (const [slug, { channel, shared, failure }] of this.opened)
      if (failure === undefined)
        await this.quietly('a channel could not be closed', slug, async () => channel.closeShared?.(shared));
    this.opened.clear();
  }

  private async openChannel(slug: string): Promise<void> {
    const entry = this.options.channels.find(({ manifest }) => manifest.slug === slug);
    if (entry === undefined) return;
    const channel = await entry.load();
    try {
      this.opened.set(slug, { channel, shared: await channel.open?.(this.options.forChannels), failure: undefined });
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
    const { parts, states, forChannels } = this.options;
    let instance: ChannelInstance | undefined;
    try {
      if (failure !== undefined) throw failure;
      const logger = parts.logger.child({ account: id, channel_slug: slug });
      instance = channel.create({ id, tenant, config }, { ...forChannels, logger }, shared);
    } catch (error) {
      await states.fail({ id, tenant, manifest }, error);
    }
    this.accounts.set(id, { id, tenant, manifest, instance });
  }

  private async quietly(what: string, name: string, work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.parts.logger.warn(what, { name, reason: messageOf(error) });
    }
  }
}
