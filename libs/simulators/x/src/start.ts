import { writeFile } from 'node:fs/promises';
import { selfSignedFor, startSimulator } from '@fanin/simulators/core';
import type { SelfSigned, SimulatorBase } from '@fanin/simulators/core';
import type { XInbound, XMade } from './inbound.js';
import type { XApp, XSimulatorOptions } from './options.js';
import type { XSettings } from './settings.js';
import { XVendor } from './vendor.js';
import type { CrcReport } from './vendor.js';
import type { UserTokens } from './world/tokens.js';
import type { XSent } from './world/world.js';

export interface XWebhook {
  id: string;
  url: string;
  valid: boolean;
  created_at: string;
}

/** X on loopback. Wherever an account is asked for, its username or id; left out, the first one. */
export interface XSimulator extends SimulatorBase {
  /** PEM of the authority that clients have to trust. */
  readonly ca: string;
  /** The whole pair: hand it to a later simulator as `tls`, and clients go on trusting it. */
  readonly tls: SelfSigned;
  readonly app: XApp;
  writeCa(file: string): Promise<void>;
  accounts(): { id: string; username: string; name: string }[];
  /** The newest tokens of an account. */
  tokens(account?: string): UserTokens;
  /** Throws ControlError for what makes no sense. */
  inbound(event: XInbound): XMade;
  sent(): readonly XSent[];
  configure(changes: Partial<XSettings>): void;
  /** Challenges the address, registers it, and subscribes the accounts (default: all). Rejects when X would refuse. */
  register(webhook: { url: string; accounts?: string[] }): Promise<XWebhook>;
  webhooks(): (XWebhook & { validated_at: string; subscriptions: string[] })[];
  /** The periodic challenge of every valid webhook, now. */
  crcNow(): Promise<CrcReport[]>;
  /** The user takes the authorisation away: tokens die, the subscription ends, webhooks are told. */
  revoke(account?: string): void;
  /** The user signs in again: new tokens. */
  authorise(account?: string): UserTokens;
  /** The access token dies of age; the refresh token is still good. */
  expire(account?: string): void;
}

/** All in one: the hosts differ in their paths, and the certificate is good for every one of them. */
export const X_HOSTS: readonly string[] = [
  'api.x.com',
  'api.twitter.com',
  'upload.x.com',
  'pbs.twimg.com',
  'video.twimg.com',
  'ton.twitter.com',
  'ton.x.com',
];

export async function startXSimulator(options: XSimulatorOptions = {}): Promise<XSimulator> {
  const tls = options.tls ?? (await selfSignedFor([...X_HOSTS, 'localhost']));
  const { base, vendor } = await startSimulator({ ...options, tls }, (parts) => new XVendor(parts, options, tls.ca));
  return {
    ...base,
    ca: tls.ca,
    tls,
    app: vendor.world.app,
    writeCa: (file) => writeFile(file, tls.ca),
    accounts: () => vendor.accounts().map(({ id, username, name }) => ({ id, username, name })),
    tokens: (account) => vendor.tokens(account),
    inbound: (event) => vendor.inbound.take({ ...event }),
    sent: () => [...vendor.world.sent],
    configure: (changes) => vendor.configure(changes),
    register: (webhook) => vendor.register(webhook),
    webhooks: () => vendor.webhooks(),
    crcNow: () => vendor.crcNow(),
    revoke: (account) => vendor.revoke(account),
    authorise: (account) => vendor.authorise(account),
    expire: (account) => vendor.expire(account),
  };
}
