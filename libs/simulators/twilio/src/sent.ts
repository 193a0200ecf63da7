import type { TwilioParts } from './parts.js';
import { callResource, messageResource } from './resources.js';
import type { CallEvent, MessageRecord } from './store.js';

/** A message or call that our side made, with what the API's resource leaves out. */
export type Sent = SentMessage | SentCall;

export type SentMessage = ReturnType<typeof messageResource> & {
  kind: 'message';
  /** `api`: created over REST; `twiml`: a `<Message>` in the answer to a webhook. */
  origin: 'api' | 'twiml';
  /** ISO 8601, with milliseconds. */
  at: string;
  media_urls: string[];
  status_callback: string | null;
  content_sid: string | null;
  content_variables: string | null;
};

export type SentCall = ReturnType<typeof callResource> & { kind: 'call'; at: string; events: readonly CallEvent[] };

/** Oldest first. Twilio's own answers to opt-out words are not among them. */
export function sentBy(parts: TwilioParts): Sent[] {
  const messages = parts.store.messages.filter(({ origin }) => origin === 'api' || origin === 'twiml').map(sentMessage);
  const calls = parts.store.calls
    .filter((call) => call.direction === 'outbound-api')
    .map((call) => ({
      kind: 'call' as const,
      at: new Date(call.created_ms).toISOString(),
      events: call.events,
      ...callResource(call),
    }));
  return [...messages, ...calls].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function sentMessage(message: MessageRecord): SentMessage {
  return {
    kind: 'message',
    origin: message.origin === 'twiml' ? 'twiml' : 'api',
    at: new Date(message.created_ms).toISOString(),
    ...messageResource(message),
    media_urls: message.media_urls,
    status_callback: message.status_callback ?? null,
    content_sid: message.content_sid ?? null,
    content_variables: message.content_variables ?? null,
  };
}
