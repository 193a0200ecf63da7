import type { ChannelInstance, ChannelManifest } from '@fanin/connector-kit';

/** An account of the configuration whose channel this service runs. */
export interface HostedAccount {
  readonly id: string;
  readonly tenant: string;
  readonly manifest: ChannelManifest;
  /** Absent while it could not be created (its state says why). */
  readonly instance: ChannelInstance | undefined;
}

/** Label values of metrics: all from the configuration, none from customers. */
export function labelsOf(account: Pick<HostedAccount, 'id' | 'manifest'>): Readonly<Record<string, string>> {
  return { channel: account.manifest.family, channel_slug: account.manifest.slug, account: account.id };
}
