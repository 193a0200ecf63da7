import { API_VERSION, channelOf } from './parts.js';
import type { TwilioParts } from './parts.js';
import { newSid, newToken } from './sids.js';
import type { MessageRecord } from './store.js';
import { jsonCall } from './webhook.js';

/** At least once (twilio.com/docs/events/faq/at-least-once-delivery); the waits themselves are unconfirmed. */
const WAITS_MS = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 120_000];

/** Sends what happened to a message as a CloudEvents array, signed over the URL with the hash of the body. */
export function streamMessage(parts: TwilioParts, message: MessageRecord): void {
  const account = parts.settings.accounts.find((each) => each.account_sid === message.account_sid);
  const url = account?.event_stream_url;
  if (account === undefined || url === undefined) return;
  const inbound = message.direction === 'inbound';
  const type = `com.twilio.messaging.${inbound ? 'inbound-message.received' : `message.${message.status}`}`;
  const body = JSON.stringify([
    {
      specversion: '1.0',
      type,
      source: inbound ? '/2010-04-01/Messages.json' : `/2010-04-01/Messages/${message.sid}`,
      id: newSid(parts.random, 'EV'),
      dataschema: `https://events-schemas.twilio.com/Messaging.${inbound ? 'InboundMessageV1' : 'MessageStatus'}/1`,
      datacontenttype: 'application/json',
      time: new Date(parts.clock.now()).toISOString(),
      data: dataOf(message, type, parts.clock.now()),
    },
  ]);
  const token = newToken(parts.random);
  void parts.webhooks.send({
    kind: 'event_stream',
    call: () => jsonCall(account.auth_token, url, body, token),
    waitsMs: WAITS_MS,
    retry: ({ status = 0 }) => status === 0 || status >= 500 || status === 429,
    connectTimeoutMs: 5000,
    timeoutMs: 15_000,
  });
}

function dataOf(message: MessageRecord, eventName: string, nowMs: number) {
  return {
    messageSid: message.sid,
    timestamp: new Date(nowMs).toISOString(),
    accountSid: message.account_sid,
    eventName,
    apiVersion: API_VERSION,
    from: message.from,
    to: message.to,
    body: message.body,
    numMedia: message.media.length,
    messageStatus: message.status.toUpperCase(),
    channel: channelOf(message.to),
    ...(message.messaging_service_sid === null ? {} : { messagingServiceSid: message.messaging_service_sid }),
    ...(message.error_code === null ? {} : { errorCode: message.error_code }),
  };
}
