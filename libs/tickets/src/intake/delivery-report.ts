import type { DeliveryStatus, InboundMessageV1 } from '@fanin/contracts';
import type { DeliveryNews } from '../receipts/sent-messages.js';

/** RFC 3464 §2.3.3. `delayed` is no final state; `relayed` and `expanded` say that nobody will tell more. */
const STATUS: Readonly<Record<string, DeliveryStatus>> = { failed: 'failed', delivered: 'delivered' };

/** What a delivery report says of the message it reports on; undefined when that changes nothing. */
export function newsOfReport(message: InboundMessageV1): DeliveryNews | undefined {
  const report = message.delivery_report;
  const status = report === null ? undefined : STATUS[report.action];
  if (report === null || status === undefined) return undefined;
  const isFailure = status === 'failed';
  return {
    status,
    providerMessageId: null,
    code: isFailure ? report.status : null,
    reason: isFailure ? (report.diagnostic ?? 'the receiving mail system refused it') : null,
    at: message.received_at,
  };
}
