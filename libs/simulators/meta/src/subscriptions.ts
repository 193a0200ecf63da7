import { callOut } from '@fanin/simulators/core';
import { oauthError } from './errors.js';
import type { GraphError } from './errors.js';
import type { App, Subscription } from './model.js';
import type { MetaObject } from './options.js';

export const OBJECTS: readonly MetaObject[] = ['page', 'instagram', 'whatsapp_business_account'];

export interface Wanted {
  object: MetaObject;
  callbackUrl: string;
  verifyToken: string;
  fields?: string[];
}

/** Asks the receiver for the challenge; only when it comes back is the subscription made. Throws GraphError 2200. */
export async function subscribe(
  app: App,
  wanted: Wanted,
  challenge: string,
  limits: { timeoutMs: number; signal: AbortSignal; ca?: string },
): Promise<Subscription> {
  const url = challengeUrl(wanted, challenge);
  const call = {
    url,
    method: 'GET' as const,
    headers: { 'user-agent': 'facebookplatform/1.0' },
    body: Buffer.alloc(0),
  };
  const answer = await callOut(call, { ...limits, connectTimeoutMs: limits.timeoutMs });
  if (answer.status === undefined) throw refused(answer.error ?? 'the URL could not be reached');
  if (answer.status !== 200) throw refused(`HTTP Status Code = ${answer.status}`);
  const received = answer.body.toString('utf8');
  if (received !== challenge) {
    throw refused(
      `Response does not match challenge, expected value = '${challenge}', received = '${received.slice(0, 80)}'`,
    );
  }
  const subscription: Subscription = {
    object: wanted.object,
    callbackUrl: wanted.callbackUrl,
    verifyToken: wanted.verifyToken,
    active: true,
    missed: 0,
    ...(wanted.fields === undefined ? {} : { fields: wanted.fields }),
  };
  app.subscriptions.set(wanted.object, subscription);
  return subscription;
}

function challengeUrl({ callbackUrl, verifyToken }: Wanted, challenge: string): string {
  if (!URL.canParse(callbackUrl)) throw refused(`${callbackUrl} is not a URL`);
  const url = new URL(callbackUrl);
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.challenge', challenge);
  url.searchParams.set('hub.verify_token', verifyToken);
  return url.toString();
}

function refused(why: string): GraphError {
  return oauthError(400, 2200, `(#2200) Callback verification failed with the following errors: ${why}`);
}
