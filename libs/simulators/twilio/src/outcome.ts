import type { StatusStep, TwilioAccount } from './config.js';
import { streamMessage } from './event-stream.js';
import { API_VERSION, channelOf } from './parts.js';
import type { TwilioParts } from './parts.js';
import type { MessageRecord } from './store.js';
import { callWebhook } from './webhook.js';

const ERROR_TEXTS: Record<number, string> = {
  30003: 'Unreachable destination handset',
  30005: 'Unknown destination handset',
  30006: 'Landline or unreachable carrier',
  30007: 'Message filtered',
  30008: 'Unknown error',
  63016: 'Free-form message outside the allowed window',
};

/**
 * What becomes of a message, step by step, each step told to its status callback but the status that the message was
 * created with (twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks). No step waits for the
 * answer to the one before, as Twilio does not.
 */
export async function playOutcome(
  parts: TwilioParts,
  account: TwilioAccount,
  message: MessageRecord,
  steps: readonly StatusStep[],
): Promise<void> {
  for (const step of steps) {
    if (step.after_ms > 0) await parts.clock.sleep(step.after_ms, parts.signal);
    if (parts.signal.aborted || !parts.store.messages.includes(message)) return;
    const initial = step.status === message.status;
    applyStep(message, step, parts.clock.now());
    if (initial) continue;
    streamMessage(parts, message);
    tell(parts, account, message, step);
  }
}

function applyStep(message: MessageRecord, step: StatusStep, nowMs: number): void {
  message.status = step.status;
  message.updated_ms = nowMs;
  if (step.status === 'sent') message.sent_ms ??= nowMs;
  if (step.error_code === undefined) return;
  message.error_code = step.error_code;
  message.error_message = ERROR_TEXTS[step.error_code] ?? `Error ${step.error_code}`;
}

function tell(parts: TwilioParts, account: TwilioAccount, message: MessageRecord, step: StatusStep): void {
  if (message.status_callback === undefined) return;
  void callWebhook(parts, {
    kind: 'message.status',
    account,
    url: message.status_callback,
    resourceSid: message.sid,
    params: statusParams(message, step),
  });
}

/** twilio.com/docs/messaging/guides/track-outbound-message-status */
function statusParams(message: MessageRecord, step: StatusStep): Record<string, string> {
  const whatsapp = channelOf(message.to) === 'whatsapp';
  return {
    SmsSid: message.sid,
    SmsStatus: step.status,
    MessageStatus: step.status,
    MessageSid: message.sid,
    AccountSid: message.account_sid,
    From: message.from,
    To: message.to,
    ApiVersion: API_VERSION,
    ...(message.messaging_service_sid === null ? {} : { MessagingServiceSid: message.messaging_service_sid }),
    ...(step.error_code === undefined ? {} : { ErrorCode: `${step.error_code}` }),
    ...(whatsapp ? { ChannelPrefix: 'whatsapp', ChannelToAddress: message.to } : {}),
    ...(whatsapp && step.status === 'read' ? { EventType: 'READ' } : {}),
  };
}
