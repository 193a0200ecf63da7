import type { InboundMessageV1 } from '@fanin/contracts';
import type { MessageDelivery, MessageDetails, ThreadingEvidence } from '../schema/entities/message.entity.js';
import type { NewMessage } from '../tickets/message-rows.js';
import { storable } from '../schema/storable.js';
import type { TicketState } from '../tickets/ticket-state.js';
import type { KeyedMessage } from './batch-keys.js';

/** The row of a message that came in; call it right after its event was recorded, whose `seq` it takes. */
export function inboundMessage(
  keyed: KeyedMessage,
  ticket: TicketState,
  kind: 'public' | 'event',
  threading: ThreadingEvidence,
): NewMessage {
  const { message } = keyed;
  const byAccount = message.author === 'account';
  return {
    id: message.message_id,
    tenant: message.tenant,
    ticketId: ticket.id,
    seq: ticket.lastSeq,
    accountId: message.account_id,
    providerMessageId: storable(message.provider_message_id),
    part: message.part,
    deliveryId: message.delivery_id,
    conversationKey: message.conversation_key,
    direction: byAccount ? 'outbound' : 'inbound',
    kind,
    channel: message.channel,
    channelSlug: message.channel_slug,
    subject: message.subject,
    text: message.text,
    html: message.html,
    quotedText: message.quoted_text,
    details: isPlain(message) ? detailsOf(message, threading) : ruledDetails(message, kind, threading),
    providerTime: message.provider_time,
    receivedAt: message.received_at,
    delivery: byAccount && kind === 'public' ? deliveredElsewhere(message) : null,
  };
}

function detailsOf(message: InboundMessageV1, threading: ThreadingEvidence): MessageDetails {
  return {
    from: message.sender,
    to: message.recipients,
    attachments: message.attachments,
    // The rule that marked it automatic is shown where the message is shown.
    flags: message.automatic === null ? message.flags : [...new Set([...message.flags, message.automatic.rule])],
    threading,
    provider_fields: message.provider_fields,
    body_ref: message.body_ref,
  };
}

/** Most messages of most channels: nothing beside the above is said of them. */
function isPlain({ visibility, author, amends }: InboundMessageV1): boolean {
  return visibility === undefined && author !== 'account' && amends === undefined;
}

function ruledDetails(
  message: InboundMessageV1,
  kind: 'public' | 'event',
  threading: ThreadingEvidence,
): MessageDetails {
  const { visibility, author, amends, account_id: account, sender } = message;
  return {
    ...detailsOf(message, threading),
    ...(author === 'account' ? { from: { kind: 'agent', id: account, name: sender.name } } : {}),
    ...(author === 'account' && kind === 'public' ? { sent_elsewhere: true } : {}),
    ...(visibility === undefined ? {} : { visibility }),
    ...(amends === undefined ? {} : { amends }),
  };
}

/** The provider shows it: it went out, and more is not known. */
function deliveredElsewhere(message: InboundMessageV1): MessageDelivery {
  return {
    status: 'sent',
    provider_message_id: storable(message.provider_message_id),
    code: null,
    reason: null,
    at: message.provider_time ?? message.received_at,
  };
}
