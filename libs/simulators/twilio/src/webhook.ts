import type { CallOutcome, OutgoingCall } from '@fanin/simulators/core';
import type { TwilioAccount } from './config.js';
import { raiseAlert } from './parts.js';
import type { TwilioParts } from './parts.js';
import { newToken } from './sids.js';
import { signatureOf, withBodyHash } from './signature.js';

export interface FormWebhook {
  kind: string;
  account: TwilioAccount;
  url: string;
  /** Asked when `url` fails, with `ErrorCode` and `ErrorUrl` added. */
  fallbackUrl?: string;
  params: Record<string, string>;
  /** What the alert of a failure is about. */
  resourceSid: string;
}

/** The answer that came in the end, and from which address; undefined when none did. */
export interface WebhookAnswer {
  url: string;
  status: number;
  contentType: string;
  body: string;
}

/**
 * Twilio's way to call our side: one more try on a failed connection or TLS handshake, none on an HTTP error or a slow
 * answer, then the fallback URL if there is one, then nothing but an alert
 * (twilio.com/docs/usage/webhooks/webhooks-connection-overrides, …/availability-reliability).
 */
export async function callWebhook(parts: TwilioParts, webhook: FormWebhook): Promise<WebhookAnswer | undefined> {
  const first = await tryOnce(parts, webhook, webhook.url, webhook.params);
  if (typeof first !== 'number') return first;
  alertOf(parts, webhook, first, webhook.url);
  if (webhook.fallbackUrl === undefined || webhook.fallbackUrl === '') return undefined;
  return callFallback(parts, webhook, first);
}

/** Also asked when the document that came made no sense (12100). */
export async function callFallback(
  parts: TwilioParts,
  webhook: FormWebhook,
  errorCode: number,
): Promise<WebhookAnswer | undefined> {
  const url = webhook.fallbackUrl ?? '';
  const params = { ...webhook.params, ErrorCode: `${errorCode}`, ErrorUrl: webhook.url };
  const second = await tryOnce(parts, { ...webhook, kind: `${webhook.kind}.fallback` }, url, params);
  if (typeof second !== 'number') return second;
  alertOf(parts, webhook, second, url);
  return undefined;
}

export function alertOf(parts: TwilioParts, webhook: FormWebhook, errorCode: number, url: string): void {
  raiseAlert(parts, {
    account_sid: webhook.account.account_sid,
    error_code: errorCode,
    resource_sid: webhook.resourceSid,
    url,
    detail: DETAILS[errorCode] ?? 'the document could not be used',
  });
}

const DETAILS: Record<number, string> = {
  11200: 'the answer was no success',
  11205: 'no answer came',
  12100: 'the document is no well-formed XML',
  12300: 'the content type is neither XML nor text',
};

/** The answer of a success, Twilio's error code of a failure, undefined when a fault made the webhook vanish. */
async function tryOnce(
  parts: TwilioParts,
  webhook: FormWebhook,
  url: string,
  params: Record<string, string>,
): Promise<WebhookAnswer | number | undefined> {
  const overrides = overridesOf(url);
  const token = newToken(parts.random);
  const result = await parts.webhooks.send({
    kind: webhook.kind,
    call: () => formCall(webhook.account.auth_token, url, params, token),
    waitsMs: Array.from({ length: overrides.retries }, () => 0),
    retry: (outcome) => overrides.retryOn(outcome),
    connectTimeoutMs: overrides.connectTimeoutMs,
    timeoutMs: overrides.readTimeoutMs,
  });
  const { outcome } = result;
  if (outcome === undefined) return undefined;
  if (outcome.status === undefined) return 11205;
  if (!result.accepted) return 11200;
  const contentType = (outcome.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return { url, status: outcome.status, contentType, body: outcome.body.toString('utf8') };
}

function formCall(authToken: string, url: string, params: Record<string, string>, token: string): OutgoingCall {
  const address = url.replace(/#.*$/, '');
  return {
    url: address,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'user-agent': 'TwilioProxy/1.1',
      accept: '*/*',
      'x-twilio-signature': signatureOf(authToken, address, params),
      'i-twilio-idempotency-token': token,
    },
    body: Buffer.from(new URLSearchParams(params).toString()),
  };
}

export function jsonCall(authToken: string, url: string, body: string, token: string): OutgoingCall {
  const address = withBodyHash(url.replace(/#.*$/, ''), body);
  return {
    url: address,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': signatureOf(authToken, address),
      'i-twilio-idempotency-token': token,
    },
    body: Buffer.from(body),
  };
}

interface Overrides {
  connectTimeoutMs: number;
  readTimeoutMs: number;
  retries: number;
  retryOn(outcome: CallOutcome): boolean;
}

/** `#ct=2000&rt=5000&rc=2&rp=ct,5xx` behind a webhook's URL; out of range, the default counts. */
export function overridesOf(url: string): Overrides {
  const fragment = new URLSearchParams(/#(.*)$/.exec(url)?.[1] ?? '');
  const within = (name: string, low: number, high: number, otherwise: number): number => {
    const value = Number(fragment.get(name) ?? NaN);
    return value >= low && value <= high ? value : otherwise;
  };
  const policies = (fragment.get('rp') ?? 'ct').split(',');
  const has = (name: string): boolean => policies.includes(name) || policies.includes('all');
  return {
    connectTimeoutMs: within('ct', 100, 10_000, 5000),
    readTimeoutMs: Math.min(within('rt', 100, 15_000, 15_000), within('tt', 1, 15_000, 15_000)),
    retries: within('rc', 0, 5, 1),
    retryOn: ({ failure, status = 0 }) =>
      (failure === 'connect' && has('ct')) ||
      ((failure === 'timeout' || failure === 'cut') && has('rt')) ||
      (status >= 500 && has('5xx')) ||
      (status >= 400 && status < 500 && has('4xx')),
  };
}
