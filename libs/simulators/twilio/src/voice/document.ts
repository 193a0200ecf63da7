import { raiseAlert } from '../parts.js';
import { parseTwiml } from '../twiml.js';
import type { TwimlElement } from '../twiml.js';
import { alertOf, callFallback, callWebhook } from '../webhook.js';
import type { FormWebhook, WebhookAnswer } from '../webhook.js';
import { note, voiceParams } from './leg.js';
import type { Leg } from './leg.js';

/** What to ask for next. */
export interface NextDocument {
  kind: string;
  url: string;
  params: Record<string, string>;
}

/** What a verb leads to: the next verb, the end of the call, or another document. */
export type Step = 'next' | 'end' | NextDocument;

/**
 * The verbs of the next document. When it cannot be had, the fallback URL is asked; when that fails too, the caller hears
 * that an application error has occurred, and the call ends (twilio.com/docs/api/errors/11200, …/12100).
 */
export async function fetchDocument(leg: Leg, next: NextDocument): Promise<TwimlElement[] | undefined> {
  const { parts, account, call } = leg;
  leg.documents += 1;
  if (leg.documents > parts.settings.max_documents) {
    raiseAlert(parts, {
      account_sid: call.account_sid,
      error_code: 12400,
      resource_sid: call.sid,
      url: next.url,
      detail: `the call asked for more than ${parts.settings.max_documents} documents: it is in a loop`,
    });
    note(leg, 'loop', { url: next.url });
    return undefined;
  }
  const webhook: FormWebhook = {
    kind: next.kind,
    account,
    url: next.url,
    ...(leg.fallbackUrl === undefined ? {} : { fallbackUrl: leg.fallbackUrl }),
    params: { ...voiceParams(leg), ...next.params },
    resourceSid: call.sid,
  };
  const verbs = await usableDocument(leg, webhook);
  if (verbs === undefined && !leg.gone) note(leg, 'application_error', { url: next.url });
  return verbs;
}

async function usableDocument(leg: Leg, webhook: FormWebhook): Promise<TwimlElement[] | undefined> {
  const answer = await callWebhook(leg.parts, webhook);
  if (answer === undefined) return undefined;
  const verbs = read(leg, answer);
  if (verbs !== undefined) return verbs;
  alertOf(leg.parts, webhook, 12100, answer.url);
  if (webhook.fallbackUrl === undefined || answer.url === webhook.fallbackUrl) return undefined;
  const second = await callFallback(leg.parts, webhook, 12100);
  return second === undefined ? undefined : read(leg, second);
}

/** An empty answer is a document without verbs; the address it came from becomes the current one. */
function read(leg: Leg, answer: WebhookAnswer): TwimlElement[] | undefined {
  leg.documentUrl = answer.url.replace(/#.*$/, '');
  if (answer.body.trim() === '') return [];
  try {
    return parseTwiml(answer.body);
  } catch {
    return undefined;
  }
}
