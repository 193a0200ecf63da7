import { ControlError } from '@fanin/simulators/core';
import type { SeededRandom } from '@fanin/simulators/core';
import { newSid } from './sids.js';

export interface TwilioNumber {
  /** E.164. Takes SMS, calls and, as `whatsapp:` + number, WhatsApp. */
  phone_number: string;
  sid: string;
  sms_url?: string;
  sms_fallback_url?: string;
  whatsapp_url?: string;
  whatsapp_fallback_url?: string;
  voice_url?: string;
  voice_fallback_url?: string;
  /** Status callback of incoming calls. */
  status_callback?: string;
}

export interface MessagingService {
  sid: string;
  /** Numbers or `whatsapp:` addresses; the first one of the recipient's channel sends. */
  senders: string[];
  status_callback?: string;
  /** Incoming messages of the senders then carry `OptOutType`. */
  advanced_opt_out?: boolean;
}

export interface ContentTemplate {
  sid: string;
  /** `{{1}}` are places for ContentVariables. */
  body: string;
}

/** What becomes of a message that our side sends: `after_ms` counts from the step before. */
export interface StatusStep {
  status: 'accepted' | 'queued' | 'sending' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'read';
  after_ms: number;
  error_code?: number;
}

/** How a call that our side makes goes at the other end. */
export interface AnswerPlan {
  answer: 'answered' | 'no-answer' | 'busy' | 'failed';
  digits?: string[];
  speaks_seconds?: number;
  hangs_up_at_seconds?: number;
}

export interface TwilioAccount {
  account_sid: string;
  auth_token: string;
  api_keys: { sid: string; secret: string }[];
  numbers: TwilioNumber[];
  messaging_services: MessagingService[];
  templates: ContentTemplate[];
  /** REST calls a second before 429; without it, no limit. */
  requests_per_second?: number;
  /** Event Streams: messages and their states also go here, as signed JSON. */
  event_stream_url?: string;
}

export interface TwilioSettings {
  accounts: TwilioAccount[];
  status_plan: { sms: StatusStep[]; whatsapp: StatusStep[] };
  /** By recipient (`+1…` or `whatsapp:+1…`), before `status_plan`. */
  status_plan_for: Record<string, StatusStep[]>;
  /** How WhatsApp's closed window shows: a message that fails later (63016), or a refused call. */
  window_error: 'late' | 'at_once';
  answer_plan: AnswerPlan;
  /** Links to media and recordings point at the simulator (to be fetched as they are) or say the vendor's host. */
  links: 'simulator' | 'vendor';
  /** Twilio fetches the `MediaUrl`s of our side's messages; off, it takes them as they are. */
  fetch_media: boolean;
  /** Where the fetch of a file is redirected instead of to the vendor's file host. */
  media_redirect_to?: string;
  /** How long a redirected link to a file is good. */
  media_link_ttl_ms: number;
  /** Seconds of a call last this many real seconds; 0, the default, plays a call at once. */
  call_pace: number;
  /** A call that asks for more documents than this is in a loop, and is ended. */
  max_documents: number;
}

export type TwilioPatch = Partial<Omit<TwilioSettings, 'accounts'>> & {
  /** Which account the rest of an account's fields is for; without it the first one, an unknown one is added. */
  account_sid?: string;
  /** Added, or merged into the number already there by `phone_number`. */
  numbers?: (Partial<TwilioNumber> & { phone_number: string })[];
} & Partial<Omit<TwilioAccount, 'account_sid' | 'numbers'>>;

const ACCOUNT_FIELDS = [
  'auth_token',
  'api_keys',
  'messaging_services',
  'templates',
  'requests_per_second',
  'event_stream_url',
] as const;

const SETTING_FIELDS = [
  'status_plan',
  'status_plan_for',
  'window_error',
  'answer_plan',
  'links',
  'fetch_media',
  'media_redirect_to',
  'media_link_ttl_ms',
  'call_pace',
  'max_documents',
] as const;

export function newAccount(random: SeededRandom, accountSid?: string): TwilioAccount {
  return {
    account_sid: accountSid ?? newSid(random, 'AC'),
    auth_token: random.hex(32),
    api_keys: [{ sid: newSid(random, 'SK'), secret: random.hex(32) }],
    numbers: [],
    messaging_services: [],
    templates: [{ sid: newSid(random, 'HX'), body: 'Hello {{1}}, we have an answer to your question.' }],
  };
}

export function defaultSettings(random: SeededRandom): TwilioSettings {
  const account = newAccount(random);
  account.numbers.push({ phone_number: '+12025550100', sid: newSid(random, 'PN') });
  account.messaging_services.push({
    sid: newSid(random, 'MG'),
    senders: ['+12025550100', 'whatsapp:+12025550100'],
  });
  const toDelivered: StatusStep[] = [
    { status: 'queued', after_ms: 0 },
    { status: 'sent', after_ms: 30 },
    { status: 'delivered', after_ms: 30 },
  ];
  return {
    accounts: [account],
    status_plan: { sms: toDelivered, whatsapp: [...toDelivered, { status: 'read', after_ms: 30 }] },
    status_plan_for: {},
    window_error: 'late',
    answer_plan: { answer: 'answered' },
    links: 'simulator',
    fetch_media: false,
    media_link_ttl_ms: 4 * 3_600_000,
    call_pace: 0,
    max_documents: 20,
  };
}

/** Applies a patch in place. Throws ControlError for a name that is none of the settings. */
export function applyPatch(settings: TwilioSettings, patch: TwilioPatch, random: SeededRandom): void {
  const known: readonly string[] = ['account_sid', 'numbers', ...ACCOUNT_FIELDS, ...SETTING_FIELDS];
  const strange = Object.keys(patch).filter((name) => !known.includes(name));
  if (strange.length > 0) {
    throw new ControlError(`unknown setting ${strange.join(', ')}; there are ${known.join(', ')}`);
  }
  const account = accountFor(settings, patch.account_sid, random);
  for (const name of ACCOUNT_FIELDS) copyField(account, patch, name);
  for (const name of SETTING_FIELDS) copyField(settings, patch, name);
  for (const number of patch.numbers ?? []) mergeNumber(account, number, random);
}

function copyField<T extends object, K extends keyof T>(target: T, source: Partial<Pick<T, K>>, name: K): void {
  const value = source[name];
  if (value !== undefined) target[name] = value as T[K];
}

function accountFor(settings: TwilioSettings, sid: string | undefined, random: SeededRandom): TwilioAccount {
  const found = settings.accounts.find((account) => sid === undefined || account.account_sid === sid);
  if (found !== undefined) return found;
  if (!/^AC[0-9a-f]{32}$/.test(sid ?? '')) {
    throw new ControlError(`"account_sid" must be AC and 32 hexadecimal digits, not ${String(sid)}`);
  }
  const made = newAccount(random, sid);
  settings.accounts.push(made);
  return made;
}

function mergeNumber(
  account: TwilioAccount,
  number: NonNullable<TwilioPatch['numbers']>[number],
  random: SeededRandom,
) {
  if (!/^\+[1-9]\d{6,14}$/.test(number.phone_number)) {
    throw new ControlError(`"phone_number" must be E.164, for example +12025550100, not ${number.phone_number}`);
  }
  const there = account.numbers.find((each) => each.phone_number === number.phone_number);
  if (there === undefined) account.numbers.push({ sid: newSid(random, 'PN'), ...number });
  else Object.assign(there, number);
}
