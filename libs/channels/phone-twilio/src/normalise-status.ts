import type { Delivery, Normalised, ReceiptDraft } from '@fanin/connector-kit';
import type { DeliveryStatus } from '@fanin/contracts';
import { faultOfCode } from './error-codes.js';
import type { Fields } from './fields.js';

/** twilio.com/docs/messaging/api/message-resource#message-status-values */
const STATUSES: Readonly<Record<string, DeliveryStatus>> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

/** Of these a list tells, after the callbacks failed to. The others say only that Twilio is still at it. */
const WORTH_TELLING = new Set(['sent', 'delivered', 'read', 'undelivered', 'failed']);

export function isWorthTelling(status: string): boolean {
  return WORTH_TELLING.has(status);
}

/** What both doors call the same news. */
export function statusKey(sid: string, status: string): string {
  return `${sid}:${status}`;
}

/** Undefined for a status that Twilio's pages do not know. */
export function receiptOf(
  said: string,
  given: Pick<ReceiptDraft, 'outbound_id' | 'provider_message_id' | 'at'> & { readonly errorCode: number | undefined },
): ReceiptDraft | undefined {
  const status = Object.hasOwn(STATUSES, said) ? STATUSES[said] : undefined;
  if (status === undefined) return undefined;
  const { errorCode, outbound_id, provider_message_id, at } = given;
  const fault = status === 'failed' ? faultOfCode(errorCode, said) : undefined;
  return { outbound_id, status, provider_message_id, code: fault?.code ?? null, reason: fault?.reason ?? null, at };
}

/** What a callback says of the message. */
export function saidStatus(fields: Fields): string {
  return (fields.text('MessageStatus', 32) ?? fields.text('SmsStatus', 32) ?? '').toLowerCase();
}

/** News about a message of ours. They come in any order; the ticket core lets them move forward only. */
export function normaliseStatus(fields: Fields, delivery: Delivery): Normalised {
  const sid = fields.optionalSid('MessageSid') ?? fields.sid('SmsSid');
  const said = saidStatus(fields);
  const outboundId = delivery.meta['outbound_id'];
  const receipt = receiptOf(said, {
    outbound_id: outboundId === undefined || outboundId === '' ? null : outboundId,
    provider_message_id: sid,
    errorCode: fields.count('ErrorCode'),
    at: delivery.receivedAt,
  });
  if (receipt === undefined)
    return { messages: [], ignored: { rule: 'unknown_status', evidence: `MessageStatus ${said || '(none)'}` } };
  return { messages: [], receipts: [receipt] };
}
