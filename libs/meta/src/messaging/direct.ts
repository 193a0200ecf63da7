import type { Party } from '@fanin/contracts';
import { cut, textAt, type Json } from '../wire/json.js';

/** A Page's Messenger or an Instagram account's direct messages: one wire format, two names. */
export interface DirectAccount {
  readonly platform: 'messenger' | 'instagram';
  /** Page id or Instagram professional account id: `entry[].id`. */
  readonly id: string;
  /** Our app's id, to know what comes back from us. */
  readonly appId: string;
}

/** Ids of people are scoped to the account they write to: the same person has another one at another Page. */
export function customerOf(account: DirectAccount, scopedId: string, name: string | null = null): Party {
  return { kind: 'social', id: `${account.platform}:${account.id}:${scopedId}`, name: nameOf(name) };
}

export function ourselves(account: DirectAccount): Party {
  return { kind: 'social', id: `${account.platform}:${account.id}`, name: null };
}

function nameOf(name: string | null): string | null {
  const shown = name?.replaceAll('\n', ' ').trim() ?? '';
  return shown === '' ? null : cut(shown, 255);
}

export function directConversation(account: DirectAccount, scopedId: string): string {
  return `dm:${account.id}:${scopedId}`;
}

/** One event of `entry[].messaging[]`, with its two sides told apart. */
export interface DirectEvent {
  readonly account: DirectAccount;
  readonly event: Json;
  /** Scoped id of the customer, whichever side wrote. */
  readonly customer: string;
  readonly fromUs: boolean;
  /** The provider's time. */
  readonly time: string;
}

/** What a reply needs to find its way back. Flat strings, echoed by the ticket core. */
export function directFields({ account, customer, time }: DirectEvent): Record<string, string> {
  return {
    platform: account.platform,
    surface: 'direct',
    account: account.id,
    customer,
    window_from: time,
  };
}

/** Where somebody came from (an advertisement, an m.me link), for people. */
export function referralFields(referral: Json | undefined): Record<string, string> {
  if (referral === undefined) return {};
  return Object.fromEntries(
    ['ref', 'source', 'type', 'ad_id', 'source_url', 'headline'].flatMap((name) => {
      const value = textAt(referral, name);
      return value === undefined || value === '' ? [] : [[`referral_${name}`, cut(value, 500)]];
    }),
  );
}
