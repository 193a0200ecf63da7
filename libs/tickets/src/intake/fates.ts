import type { FateName, FateV1, InboundMessageV1 } from '@fanin/contracts';
import type { StoredMessage } from './batch-state.js';

interface Decision {
  readonly fate: FateName;
  readonly rule: string | null;
  readonly evidence: string | null;
  readonly messageId: string | null;
  readonly ticketId: string | null;
}

export function fateOf(message: InboundMessageV1, decision: Decision, decidedAt: string): FateV1 {
  return {
    delivery_id: message.delivery_id,
    part: message.part,
    parts: message.parts,
    tenant: message.tenant,
    account_id: message.account_id,
    channel: message.channel,
    fate: decision.fate,
    rule: decision.rule,
    evidence: decision.evidence === null ? null : decision.evidence.slice(0, 500),
    message_id: decision.messageId,
    ticket_id: decision.ticketId,
    decided_at: decidedAt,
  };
}

/** The evidence is the delivery that came first. */
export function duplicateFate(message: InboundMessageV1, first: StoredMessage, decidedAt: string): FateV1 {
  return fateOf(
    message,
    { fate: 'duplicate', rule: null, evidence: first.deliveryId, messageId: first.id, ticketId: first.ticketId },
    decidedAt,
  );
}
