import { ApiRefusal } from './errors.js';
import { checkOutgoing } from './outgoing.js';
import { raiseAlert } from './parts.js';
import type { TwilioParts } from './parts.js';
import { sendMessage } from './sending.js';
import type { MessageRecord } from './store.js';
import { parseTwiml } from './twiml.js';
import type { TwimlElement } from './twiml.js';
import { alertOf } from './webhook.js';
import type { FormWebhook, WebhookAnswer } from './webhook.js';

const XML_TYPES = ['text/xml', 'application/xml', 'text/html', ''];

/**
 * What the answer to a message webhook makes Twilio do: `<Message>` verbs are sent to the customer, and so is the text
 * of a text/plain answer (twilio.com/docs/messaging/twiml). An empty body does nothing.
 */
export function answerByTwiml(
  parts: TwilioParts,
  webhook: FormWebhook,
  message: MessageRecord,
  answer: WebhookAnswer,
): void {
  if (answer.body.trim() === '') return;
  if (answer.contentType === 'text/plain') return reply(parts, webhook, message, { body: answer.body, media: [] });
  if (!XML_TYPES.includes(answer.contentType)) return alertOf(parts, webhook, 12300, answer.url);
  let verbs: TwimlElement[];
  try {
    verbs = parseTwiml(answer.body);
  } catch {
    return alertOf(parts, webhook, 12100, answer.url);
  }
  for (const verb of verbs) {
    if (verb.name !== 'Message' && verb.name !== 'Sms') continue;
    const nouns = (name: string): string[] =>
      verb.children.filter((child) => child.name === name).map((child) => child.text.trim());
    const callback = verb.attributes['statusCallback'] ?? verb.attributes['action'];
    reply(parts, webhook, message, {
      body: nouns('Body')[0] ?? verb.text.trim(),
      media: nouns('Media'),
      ...(verb.attributes['to'] === undefined ? {} : { to: verb.attributes['to'] }),
      ...(verb.attributes['from'] === undefined ? {} : { from: verb.attributes['from'] }),
      ...(callback === undefined ? {} : { callback: new URL(callback, answer.url).toString() }),
    });
  }
}

interface Reply {
  body: string;
  media: string[];
  to?: string;
  from?: string;
  callback?: string;
}

function reply(parts: TwilioParts, webhook: FormWebhook, message: MessageRecord, answer: Reply): void {
  const form = new URLSearchParams({
    To: answer.to ?? message.from,
    From: answer.from ?? message.to,
    Body: answer.body,
    ...(answer.callback === undefined ? {} : { StatusCallback: answer.callback }),
  });
  for (const url of answer.media) form.append('MediaUrl', url);
  try {
    sendMessage(parts, webhook.account, checkOutgoing(parts, webhook.account, form), { origin: 'twiml' });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    raiseAlert(parts, {
      account_sid: webhook.account.account_sid,
      error_code: error.code,
      resource_sid: message.sid,
      url: webhook.url,
      detail: error.message,
    });
  }
}
