import type { StatusStep, TwilioAccount } from './config.js';
import { badRequest } from './errors.js';
import { playOutcome } from './outcome.js';
import { fetchMedia } from './outgoing-media.js';
import type { OutgoingMessage } from './outgoing.js';
import { channelOf } from './parts.js';
import type { TwilioParts } from './parts.js';
import { segmentsOf } from './segments.js';
import { newSid } from './sids.js';
import { pairOf } from './store.js';
import type { MessageRecord } from './store.js';

const WINDOW_MS = 24 * 3_600_000;

/** Takes a checked message in, and lets it meet its fate. Answers the record as it is at the moment of the call. */
export function sendMessage(
  parts: TwilioParts,
  account: TwilioAccount,
  outgoing: OutgoingMessage,
  how: { origin: 'api' | 'twiml' | 'vendor' },
): MessageRecord {
  const late = outsideWindow(parts, outgoing);
  if (late && parts.settings.window_error === 'at_once') {
    throw badRequest(63016, 'Failed to send freeform message because you are outside the allowed window.');
  }
  const now = parts.clock.now();
  const message: MessageRecord = {
    sid: newSid(parts.random, outgoing.mediaUrls.length > 0 && channelOf(outgoing.to) === 'sms' ? 'MM' : 'SM'),
    account_sid: account.account_sid,
    direction: how.origin === 'api' ? 'outbound-api' : 'outbound-reply',
    from: outgoing.from,
    to: outgoing.to,
    body: outgoing.body,
    status: outgoing.service === undefined ? 'queued' : 'accepted',
    messaging_service_sid: outgoing.service?.sid ?? null,
    media: [],
    created_ms: now,
    updated_ms: now,
    sent_ms: null,
    error_code: null,
    error_message: null,
    num_segments: outgoing.service === undefined ? segmentsOf(outgoing.body) : 0,
    origin: how.origin,
    media_urls: outgoing.mediaUrls,
    ...(outgoing.statusCallback === undefined ? {} : { status_callback: outgoing.statusCallback }),
    ...(outgoing.contentSid === undefined ? {} : { content_sid: outgoing.contentSid }),
    ...(outgoing.contentVariables === undefined ? {} : { content_variables: outgoing.contentVariables }),
  };
  parts.store.messages.push(message);
  void parts.webhooks.activity.track(meetFate(parts, account, message, planOf(parts, message, late)));
  return message;
}

/** The caller of the API gets its answer (status `queued`) before anything moves. */
async function meetFate(
  parts: TwilioParts,
  account: TwilioAccount,
  message: MessageRecord,
  plan: readonly StatusStep[],
): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  const failure = parts.settings.fetch_media ? await fetchMedia(parts, message) : undefined;
  await playOutcome(parts, account, message, failure === undefined ? plan : [failure]);
}

/**
 * WhatsApp takes free-form messages for 24 hours after the person last wrote; templates always
 * (twilio.com/docs/api/errors/63016).
 */
function outsideWindow(parts: TwilioParts, { to, from, contentSid }: OutgoingMessage): boolean {
  if (channelOf(to) !== 'whatsapp' || contentSid !== undefined) return false;
  const last = parts.store.lastWritten.get(pairOf(from, to));
  return last === undefined || parts.clock.now() - last > WINDOW_MS;
}

function planOf(parts: TwilioParts, message: MessageRecord, late: boolean): readonly StatusStep[] {
  const { settings } = parts;
  if (late) {
    return [
      { status: 'queued', after_ms: 0 },
      { status: 'undelivered', after_ms: 30, error_code: 63016 },
    ];
  }
  return settings.status_plan_for[message.to] ?? settings.status_plan[channelOf(message.to)];
}
