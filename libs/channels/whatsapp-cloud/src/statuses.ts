import type { ReceiptDraft } from '@fanin/connector-kit';
import type { DeliveryStatus } from '@fanin/contracts';
import {
  cut,
  idAt,
  ignored,
  needTime,
  objectAt,
  objectsAt,
  ourOutboundId,
  statusFault,
  textAt,
  type Json,
  type Part,
} from '@fanin/meta';

const STATUSES: Readonly<Record<string, DeliveryStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
};

/** One of `value.statuses[]`: in any order, told again and again; the host moves forward only. */
export function readStatus(status: Json): Part {
  const id = idAt(status, 'id');
  const said = textAt(status, 'status') ?? '';
  const known = Object.hasOwn(STATUSES, said) ? STATUSES[said] : undefined;
  if (known === undefined) return ignored('unknown_status', `status ${said}`);
  const at = needTime(status['timestamp']);
  const receipt: ReceiptDraft = {
    // What we sent along with the message; with it even the reply whose answer was lost is found.
    outbound_id: ourOutboundId(textAt(status, 'biz_opaque_callback_data')) ?? null,
    provider_message_id: id,
    status: known,
    code: null,
    reason: null,
    at,
  };
  return { receipts: [known === 'failed' ? { ...receipt, ...failureOf(status) } : receipt] };
}

function failureOf(status: Json): { readonly code: string; readonly reason: string } {
  const [error] = objectsAt(status, 'errors');
  const code = Number(error?.['code'] ?? 0);
  const words = [textAt(error, 'title'), textAt(objectAt(error, 'error_data'), 'details')].filter(
    (text) => text !== undefined,
  );
  const fault = statusFault(Number.isSafeInteger(code) ? code : 0, words.join(': '));
  // The token is not at fault when a message that Meta took fails afterwards.
  return { code: fault.code === 'AUTH' ? 'BAD_PAYLOAD' : fault.code, reason: cut(fault.reason, 480) };
}
