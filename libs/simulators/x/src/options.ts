import type { SelfSigned, SimulatorOptions } from '@fanin/simulators/core';
import type { XSettings } from './settings.js';

/** The developer's app, as the console shows it. */
export interface XApp {
  id: string;
  name: string;
  /** OAuth 2.0. */
  clientId: string;
  clientSecret: string;
  /** OAuth 1.0a ("API key and secret"). */
  consumerKey: string;
  consumerSecret: string;
  /** App-only. */
  bearerToken: string;
}

/** An account that has authorised the app. */
export interface XAccountSeed {
  id?: string;
  username: string;
  name?: string;
  /** May write posts longer than 280. */
  premium?: boolean;
  /** OAuth 2.0; both made up when left out, and replaced whenever they are refreshed. */
  accessToken?: string;
  refreshToken?: string;
  /** OAuth 1.0a. */
  oauthToken?: string;
  oauthTokenSecret?: string;
}

export interface XSimulatorOptions extends Omit<SimulatorOptions, 'tls'> {
  /** An earlier simulator's pair, so that one started again is trusted as before. */
  tls?: SelfSigned;
  app?: Partial<XApp>;
  /** Default: one, @AcmeHelp. */
  accounts?: XAccountSeed[];
  settings?: Partial<XSettings>;
  /**
   * How often the simulator looks whether a webhook's last good challenge is older than `crcStaleMs`, and challenges it
   * then. Left out: only by `crcNow()`. The vendor: DOCUMENTED_CRC.
   */
  crcEveryMs?: number;
  crcStaleMs?: number;
}

/** "Every 30 minutes, but only if not successfully validated in the past 24 hours". */
export const DOCUMENTED_CRC = { crcEveryMs: 30 * 60_000, crcStaleMs: 24 * 3_600_000 } as const;

export const DEFAULT_APP: XApp = {
  id: '28110192',
  name: 'Acme support desk',
  clientId: 'c2ltdWxhdGVkLWNsaWVudDoxOmNp',
  clientSecret: 'simulated-client-secret',
  consumerKey: 'simulatedConsumerKey',
  consumerSecret: 'simulated-consumer-secret',
  bearerToken: 'AAAAAAAAAAAAAAAAAAAAAsimulated%2Fapp%3Dbearer',
};

export const DEFAULT_ACCOUNT: XAccountSeed = { id: '1500000000000000001', username: 'AcmeHelp', name: 'Acme Help' };
