import type { SimulatorParts } from '@fanin/simulators/core';
import type { TwilioAccount, TwilioNumber, TwilioSettings } from './config.js';
import type { AlertRecord, Store } from './store.js';

export type Channel = 'sms' | 'whatsapp';

/** What every part of this simulator works with. */
export interface TwilioParts extends SimulatorParts {
  settings: TwilioSettings;
  store: Store;
  /** The simulator's own address, once it listens. */
  url(): string;
}

export const channelOf = (address: string): Channel => (address.startsWith('whatsapp:') ? 'whatsapp' : 'sms');

export const bareNumber = (address: string): string => address.replace(/^whatsapp:/, '');

export function ownerOf(
  settings: TwilioSettings,
  address: string,
): { account: TwilioAccount; number: TwilioNumber } | undefined {
  const wanted = bareNumber(address);
  for (const account of settings.accounts) {
    const number = account.numbers.find((each) => each.phone_number === wanted);
    if (number !== undefined) return { account, number };
  }
  return undefined;
}

export function raiseAlert(parts: TwilioParts, alert: Omit<AlertRecord, 'at'>): void {
  parts.store.alerts.push({ at: new Date(parts.clock.now()).toISOString(), ...alert });
}

/** A link into one of the vendor's hosts, as the settings want links. */
export function linkTo(parts: TwilioParts, host: string, path: string): string {
  return parts.settings.links === 'vendor' ? `https://${host}${path}` : `${parts.url()}/${host}${path}`;
}

export const API_HOST = 'api.twilio.com';
/** Not written down by the vendor; seen in the redirects of its media links. */
export const MEDIA_HOST = 'mms.twiliocdn.com';
export const API_VERSION = '2010-04-01';

export const apiPath = (accountSid: string, rest = ''): string => `/${API_VERSION}/Accounts/${accountSid}${rest}`;
