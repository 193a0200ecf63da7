import type { Bus } from '@fanin/bus';
import type { AccountEntry } from '@fanin/simulated-accounts';
import type { TcpProxy, TestDovecot } from '@fanin/test-kit';
import type { Api } from './api.js';
import type { Environment } from './program.js';
import type { Relay } from './relay.js';
import type { Vendors } from './vendors.js';

export type Tenant = 'a' | 'b';
/** A part that a test kills; the embedded form is one process, so there every part is all of it. */
export const PARTS = [
  'ticket-core',
  'analytics',
  'email-connector',
  'chat-connector',
  'phone-connector',
  'social-connector',
] as const;
export type Part = (typeof PARTS)[number];

export interface SystemOptions {
  /** Slugs; accounts of other channels are left out. Default: all. */
  readonly channels?: readonly string[];
  /** Merged over the configuration of every account of a channel, by slug, e.g. `{ 'chat-web': { connections_per_ip: 2000 } }`. */
  readonly accountConfig?: Readonly<Record<string, object>>;
  /** Variables for every process (the embedded form is one). */
  readonly environment?: Environment;
  /** Merged over the configuration file of every service, section by section, e.g. `{ database: { pool_size: 4 } }`. */
  readonly config?: Readonly<Record<string, object>>;
  /** How long Meta goes on trying: 36 hours times this. Default: about a minute. */
  readonly metaRetryScale?: number;
  /** The mailbox is read through a line that a trial can cut; told once, before the system starts. */
  readonly onImapLine?: (line: TcpProxy) => void;
}

/** A complete running system, reached by what a person or a provider reaches. */
export interface SystemUnderTest {
  readonly form: 'embedded' | 'cluster';
  readonly url: string;
  /** Of a part itself, without what stands before all of them: that is a process of the trial, and what it costs is not the system's. */
  addressOf(part: Part): string;
  readonly smtpPort: number;
  readonly operatorToken: string;
  readonly topicPrefix: string;
  /** Of the role that BI tools use. */
  readonly databaseUrl: string;
  /** Of a superuser, whom row-level security does not hold back. */
  readonly adminUrl: string;
  readonly relay: Relay;
  readonly dovecot: TestDovecot | undefined;
  readonly vendors: Vendors;
  /** Of all scopes. */
  readonly keys: Readonly<Record<Tenant, string>>;
  /** With a key of all scopes. */
  readonly api: Readonly<Record<Tenant, Api>>;
  /** With a key of tenant A that may only read tickets. */
  readonly readOnly: Api;
  /** Addresses of OpenAPI documents: together they name every route. */
  readonly documents: readonly string[];
  /** The log, from outside. */
  openBus(): Promise<Bus>;
  /** What a part tells Prometheus. */
  metrics(part: Part): Promise<string>;
  /** SIGKILL. */
  kill(part: Part): Promise<void>;
  /** Starts what `kill` ended; resolves when it is ready. */
  revive(part: Part, environment?: Environment): Promise<void>;
  /** SIGTERM to everything; the exit codes and how long it took. Leaves the data. */
  end(): Promise<{ readonly codes: readonly (number | null)[]; readonly tookMs: number }>;
  /** Ends what still runs and removes everything. */
  stop(): Promise<void>;
}

export const MAIL = { a: 'support@a.test', b: 'support@b.test' } as const;
export const IMAP_ADDRESS = 'mailbox@a.test';
export const IMAP_USER = 'shop-a';
export const CHAT = { a: 'a-chat', b: 'b-chat' } as const;

export const TENANTS = [
  { id: 'a', name: 'Shop A' },
  { id: 'b', name: 'Shop B' },
];

/** The accounts of both shops, for the configuration file. */
export function accountsOf(
  relayPort: number,
  dovecot: TestDovecot | undefined,
  { accounts: atVendors }: Vendors,
  { channels, accountConfig = {}, imapPort }: SystemOptions & { readonly imapPort?: number | undefined } = {},
): readonly AccountEntry[] {
  const relay = { host: '127.0.0.1', port: relayPort, encryption: 'none' };
  const wanted = ({ channel }: AccountEntry): boolean => channels?.includes(channel) ?? true;
  const shop = (tenant: Tenant): AccountEntry[] => [
    {
      id: `${tenant}-mail`,
      tenant,
      channel: 'email-smtp',
      config: { addresses: [MAIL[tenant]], from_name: `Shop ${tenant}`, relay },
    },
    { id: CHAT[tenant], tenant, channel: 'chat-web', config: {} },
  ];
  const everywhere = [...shop('a'), ...shop('b'), ...atVendors];
  const configured = (account: AccountEntry): AccountEntry => ({
    ...account,
    config: { ...account.config, ...accountConfig[account.channel] },
  });
  if (dovecot === undefined) return everywhere.filter(wanted).map(configured);
  const imap = {
    host: dovecot.host,
    port: imapPort ?? dovecot.port,
    encryption: 'none',
    user: IMAP_USER,
    password: dovecot.password,
  };
  return [
    ...everywhere,
    {
      id: 'a-imap',
      tenant: 'a',
      channel: 'email-imap',
      config: { addresses: [IMAP_ADDRESS], relay, imap, poll_seconds: 5 },
    },
  ]
    .filter(wanted)
    .map(configured);
}
