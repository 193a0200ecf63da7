import { ControlError } from '@fanin/simulators/core';

/** What can be changed while it runs; `POST /_control/config` takes the same names. */
export interface XSettings {
  /** Where the internet would lead: `{"https://support.example.com":"http://127.0.0.1:8080"}`. */
  hook_hosts: Record<string, string>;
  /** Take webhook addresses that X would refuse: http, or with a port. */
  any_hook_url: boolean;
  /** Which signature headers its webhooks carry; `legacy` also keys the challenge with the consumer secret. */
  signatures: 'both' | 'oauth2' | 'legacy';
  /** Calls in 15 minutes, in place of the vendor's: `{"GET /2/dm_events":300}`. 0 refuses every call. */
  rate_limits: Record<string, number>;
  /** Posts that may still be read this month (429 usage-capped after them); null: no cap. */
  posts_cap: number | null;
  /** Prepaid credits (402 when there are none); a post or message read or written costs 1; null: not metered. */
  credits: number | null;
  /** Are deletions of other people's posts told, too? The documents only promise the account's own. */
  deletes_of_others: boolean;
  /** Usernames that take no direct messages. */
  closed_dms: string[];
  /** Addresses of media: on X's hosts, or on the simulator's own. */
  media_origin: 'vendor' | 'own';
  token_ttl_ms: number;
  webhook_timeout_ms: number;
  /** Waits before an event is delivered again. X documents no retry: none. */
  webhook_retry_waits_ms: number[];
  webhook_limit: number;
  subscription_limit: number;
  /** How old the beginning and the end of a replay must be. */
  replay_from_age_ms: number;
  replay_to_age_ms: number;
}

const MINUTE_MS = 60_000;

export function defaultSettings(): XSettings {
  return {
    hook_hosts: {},
    any_hook_url: false,
    signatures: 'both',
    rate_limits: {},
    posts_cap: null,
    credits: null,
    deletes_of_others: true,
    closed_dms: [],
    media_origin: 'vendor',
    token_ttl_ms: 7_200_000,
    webhook_timeout_ms: 10_000,
    webhook_retry_waits_ms: [],
    webhook_limit: 5,
    subscription_limit: 5000,
    replay_from_age_ms: 31 * MINUTE_MS,
    replay_to_age_ms: 10 * MINUTE_MS,
  };
}

const CHOICES: Partial<Record<keyof XSettings, readonly string[]>> = {
  signatures: ['both', 'oauth2', 'legacy'],
  media_origin: ['vendor', 'own'],
};

/** Throws ControlError before anything is changed. */
export function changeSettings(settings: XSettings, changes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(changes)) check(settings, name, value);
  Object.assign(settings, changes);
}

function check(settings: XSettings, name: string, value: unknown): void {
  if (!(name in settings)) {
    throw new ControlError(`no setting "${name}"; there are ${Object.keys(settings).join(', ')}`);
  }
  const choices = CHOICES[name as keyof XSettings];
  if (choices !== undefined && !choices.includes(String(value))) {
    throw new ControlError(`"${name}" must be one of ${choices.join(', ')}`);
  }
  const wanted =
    name === 'posts_cap' || name === 'credits' ? 'count' : kindOf(defaultSettings()[name as keyof XSettings]);
  if (wanted === 'count' ? value !== null && kindOf(value) !== 'number' : kindOf(value) !== wanted) {
    throw new ControlError(`"${name}" must be a ${wanted === 'count' ? 'number or null' : wanted}`);
  }
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}
