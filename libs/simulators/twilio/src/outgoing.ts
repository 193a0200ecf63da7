import type { ContentTemplate, MessagingService, TwilioAccount } from './config.js';
import { badRequest } from './errors.js';
import { bareNumber, channelOf, ownerOf } from './parts.js';
import type { TwilioParts } from './parts.js';
import { pairOf } from './store.js';

/** A request to send, checked. */
export interface OutgoingMessage {
  to: string;
  from: string;
  service?: MessagingService;
  body: string;
  mediaUrls: string[];
  statusCallback?: string;
  contentSid?: string;
  contentVariables?: string;
}

const E164 = /^\+[1-9]\d{6,14}$/;
const LONGEST_BODY = 1600;
const MOST_MEDIA = 10;

/** Throws the refusal that Twilio answers (codes: twilio.com/docs/api/errors). */
export function checkOutgoing(parts: TwilioParts, account: TwilioAccount, form: URLSearchParams): OutgoingMessage {
  const to = form.get('To') ?? '';
  if (to === '') throw badRequest(21604, "A 'To' phone number is required.");
  if (!E164.test(bareNumber(to))) throw badRequest(21211, `Invalid 'To' Phone Number: ${to}`);
  const service = serviceOf(account, form.get('MessagingServiceSid'));
  const from = senderOf(parts, account, form.get('From'), service, to);
  const content = contentOf(account, form);
  const mediaUrls = form.getAll('MediaUrl');
  if (content.body === '' && mediaUrls.length === 0) {
    throw badRequest(21619, 'A text message body or media urls must be specified.');
  }
  if (content.body.length > LONGEST_BODY)
    throw badRequest(21617, `The body is longer than ${LONGEST_BODY} characters.`);
  if (mediaUrls.length > MOST_MEDIA) throw badRequest(21623, `No more than ${MOST_MEDIA} media files are allowed.`);
  for (const url of mediaUrls) if (!isHttpUrl(url)) throw badRequest(21620, `Invalid media URL(s): ${url}`);
  const statusCallback = form.get('StatusCallback') ?? service?.status_callback;
  if (statusCallback !== undefined && !isHttpUrl(statusCallback)) {
    throw badRequest(21609, `The 'StatusCallback' URL ${statusCallback} is not a valid URL.`);
  }
  if (channelOf(to) === 'sms' && parts.store.optedOut.has(pairOf(from, to))) {
    throw badRequest(21610, 'Attempt to send to unsubscribed recipient');
  }
  return {
    to,
    from,
    mediaUrls,
    ...content,
    ...(service === undefined ? {} : { service }),
    ...(statusCallback === undefined ? {} : { statusCallback }),
  };
}

function serviceOf(account: TwilioAccount, sid: string | null): MessagingService | undefined {
  if (sid === null) return undefined;
  const found = account.messaging_services.find((each) => each.sid === sid);
  if (found === undefined) throw badRequest(21701, `The Messaging Service ${sid} does not exist.`);
  return found;
}

function senderOf(
  parts: TwilioParts,
  account: TwilioAccount,
  from: string | null,
  service: MessagingService | undefined,
  to: string,
): string {
  const channel = channelOf(to);
  if (from === null && service === undefined) throw badRequest(21603, "A 'From' phone number is required.");
  if (from === null) {
    const sender = service?.senders.find((each) => channelOf(each) === channel);
    if (sender === undefined) throw badRequest(21703, 'The Messaging Service has no phone number available to send.');
    return sender;
  }
  if (channelOf(from) !== channel) {
    throw badRequest(21910, "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel");
  }
  if (ownerOf(parts.settings, from)?.account !== account) {
    throw channel === 'whatsapp'
      ? badRequest(63007, `Twilio could not find a Channel with the specified From address ${from}`)
      : badRequest(21606, `The 'From' phone number provided (${from}) is not a valid message-capable Twilio number.`);
  }
  return from;
}

function contentOf(account: TwilioAccount, form: URLSearchParams) {
  const contentSid = form.get('ContentSid');
  if (contentSid === null) return { body: form.get('Body') ?? '' };
  const template = account.templates.find((each) => each.sid === contentSid);
  if (template === undefined) throw badRequest(21655, `The ContentSid ${contentSid} is invalid.`);
  const contentVariables = form.get('ContentVariables');
  return {
    contentSid,
    body: filled(template, contentVariables ?? '{}'),
    ...(contentVariables === null ? {} : { contentVariables }),
  };
}

function filled(template: ContentTemplate, variables: string): string {
  let values: unknown;
  try {
    values = JSON.parse(variables);
  } catch {
    values = undefined;
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw badRequest(21656, 'The ContentVariables parameter is invalid.');
  }
  const known = values as Record<string, unknown>;
  return template.body.replace(/\{\{(\w+)\}\}/g, (all, name: string) => (name in known ? String(known[name]) : all));
}

export function isHttpUrl(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
