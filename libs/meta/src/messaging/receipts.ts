import type { ReceiptDraft } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { Part } from '../wire/collected.js';
import { listAt, optionalIdAt, timeOf, type Json } from '../wire/json.js';
import { directConversation, type DirectEvent } from './direct.js';

const MAX_MIDS = 1_000;

/** `delivery`: always a watermark, the ids only sometimes (…/reference/webhook-events/message-deliveries). */
export function readDelivery(at: DirectEvent, delivery: Json): Part {
  const mids = listAt(delivery, 'mids')
    .slice(0, MAX_MIDS)
    .flatMap((mid) => optionalIdAt({ mid }, 'mid') ?? []);
  const watermark = timeOf(delivery['watermark']);
  if (mids.length === 0 && watermark === undefined)
    throw new FaninError('BAD_PAYLOAD', 'a delivery report names neither messages nor a time');
  const when = watermark ?? at.time;
  const named = mids.map((mid) => receipt('delivered', when, { provider_message_id: mid }));
  return { receipts: watermark === undefined ? named : [...named, upTo(at, 'delivered', watermark)] };
}

/** `read`: a watermark on Messenger; on Instagram the message that was seen. */
export function readRead(at: DirectEvent, read: Json): Part {
  const mid = optionalIdAt(read, 'mid');
  if (mid !== undefined) return { receipts: [receipt('read', at.time, { provider_message_id: mid })] };
  const watermark = timeOf(read['watermark']);
  if (watermark === undefined) throw new FaninError('BAD_PAYLOAD', 'a read report names neither a message nor a time');
  return { receipts: [upTo(at, 'read', watermark)] };
}

function upTo(at: DirectEvent, status: 'delivered' | 'read', watermark: string): ReceiptDraft {
  const conversation_key = directConversation(at.account, at.customer);
  return receipt(status, watermark, { watermark: { conversation_key, up_to: watermark } });
}

function receipt(status: 'delivered' | 'read', at: string, of: Partial<ReceiptDraft>): ReceiptDraft {
  return { outbound_id: null, provider_message_id: null, status, code: null, reason: null, at, ...of };
}
