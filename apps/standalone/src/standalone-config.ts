import { readConfigFile, readConfigValue, type ChannelEntry, type FaninConfig } from '@fanin/platform';
import type { DataFolder } from './data-folder.js';
import type { AccountEntry } from '@fanin/simulated-accounts';
import { demoAccounts, DEMO_TENANT } from './demo/demo-tenant.js';
import type { StandaloneOptions } from './options.js';

export interface Surroundings {
  readonly folder: DataFolder;
  /** Of the embedded server; undefined while the configuration is only looked at. */
  readonly databaseUrl: string;
  readonly channels: readonly ChannelEntry[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Accounts of the sample shop at simulated vendors; none while the configuration is only looked at. */
  readonly vendorAccounts?: readonly AccountEntry[];
}

/** The file where one is named, else the built-in configuration; ports of the command line win over both. */
export async function readStandaloneConfig(
  options: StandaloneOptions,
  surroundings: Surroundings,
): Promise<FaninConfig> {
  const { channels, env } = surroundings;
  const reading = { channels, env, defaults: defaultsFor(surroundings) };
  const config =
    options.config === undefined
      ? await readConfigValue(builtIn(options, surroundings), 'The built-in configuration', reading)
      : await readConfigFile(options.config, reading);
  if (options.httpPort !== undefined) config.http.port = options.httpPort;
  if (options.smtpPort !== undefined) config.smtp.port = options.smtpPort;
  return config;
}

function defaultsFor({ folder, databaseUrl }: Surroundings): Readonly<Record<string, unknown>> {
  return {
    database: { url: databaseUrl, pool_size: 16 },
    storage: { folder: folder.objects },
    smtp: { outbox_folder: folder.outbox },
    auth: { ...folder.secrets },
    logging: { format: 'pretty', level: 'warn' },
  };
}

function builtIn({ demo }: StandaloneOptions, { channels, vendorAccounts = [] }: Surroundings): object {
  const accounts = [
    { id: 'support-mail', tenant: 'default', channel: 'email-smtp', config: { addresses: ['support@localhost'] } },
    { id: 'shop-chat', tenant: 'default', channel: 'chat-web', config: {} },
    ...(demo ? [...demoAccounts(), ...vendorAccounts] : []),
  ];
  const present = new Set(channels.map(({ manifest }) => manifest.slug));
  return {
    tenants: [{ id: 'default', name: 'My shop' }, ...(demo ? [DEMO_TENANT] : [])],
    accounts: accounts.filter(({ channel }) => present.has(channel)),
  };
}
