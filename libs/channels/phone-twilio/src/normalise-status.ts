import type { Delivery, Normalised } from '@fanin/connector-kit';
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

/** News about a message of ours. They come in any order; the ticket core lets them move forward only. */
export function normaliseStatus(fields: Fields, delivery: Delivery): Normalised {
  const sid = fields.optionalSid('MessageSid') ?? fields.sid('SmsSid');
  const said = (fields.text('MessageStatus', 32) ?? fields.text('SmsStatus', 32) ?? '').toLowerCase();
  const status = Object.hasOwn(STATUSES, said) ? STATUSES[said] : undefined;
  if (status === undefined)
    return { messages: [], ignored: { rule: 'unknown_status', evidence: `MessageStatus ${said || '(none)'}` } };
  const outboundId = delivery.meta['outbound_id'];
  const fault = status === 'failed' ? faultOfCode(fields.count('ErrorCode'), said) : undefined;
  return {
    messages: [],
    receipts: [
      {
        outbound_id: outboundId === undefined || outboundId === '' ? null : outboundId,
        status,
        provider_message_id: sid,
        code: fault?.code ?? null,
        reason: fault?.reason ?? null,
        at: delivery.receivedAt,
      },
    ],
  };
}
