import type { Deliver, SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1, TemplateUse } from '@fanin/contracts';
import { FaninError, type Clock } from '@fanin/kernel';
import {
  closedSince,
  objectsAt,
  outboundMark,
  plainTextOnly,
  postOnce,
  refused,
  STANDARD_MS,
  textAt,
  type GraphClient,
  type Json,
} from '@fanin/meta';

/**
 * Sends texts and templates. Nothing at WhatsApp lists what was sent, so a call whose answer is lost is never made again;
 * the status webhooks name our outbound id and settle it.
 */
export function createDeliver(graph: GraphClient, phoneNumberId: string, clock: Clock): Deliver {
  return {
    send: (message, { signal }) => send(graph, phoneNumberId, message, clock.now(), signal),
  };
}

async function send(
  graph: GraphClient,
  phoneNumberId: string,
  message: OutboundMessageV1,
  nowMs: number,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const cannot = plainTextOnly(message, true) ?? closed(message, nowMs);
  if (cannot !== undefined) return cannot;
  const body = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...recipientOf(message),
    ...contextOf(message),
    ...(message.template === undefined
      ? { type: 'text', text: { body: message.text, preview_url: false } }
      : { type: 'template', template: templateOf(message.template) }),
    biz_opaque_callback_data: outboundMark(message.outbound_id),
  };
  const answer = await postOnce(graph, `${phoneNumberId}/messages`, body, { signal, doubtFaults: false });
  const [sent] = objectsAt(answer, 'messages');
  return { status: 'sent', providerMessageId: textAt(sent, 'id') ?? null };
}

function closed(message: OutboundMessageV1, nowMs: number): SendOutcome | undefined {
  if (message.visibility === 'public') return refused('WhatsApp is private: there is nothing to answer in public');
  const from = message.provider_fields['window_from'];
  if (message.template !== undefined || from === undefined) return undefined;
  return nowMs - Date.parse(from) > STANDARD_MS ? closedSince(from, STANDARD_MS, 'customer_service') : undefined;
}

/** A number, or the id of somebody who shows none. */
function recipientOf({ provider_fields: fields, to }: OutboundMessageV1): Json {
  const customer = fields['customer'] ?? to.find(({ kind }) => kind === 'phone')?.id;
  if (customer === undefined) throw new FaninError('BAD_PAYLOAD', 'the reply names no WhatsApp customer');
  return customer.startsWith('+') ? { to: customer.slice(1) } : { recipient: customer };
}

/** Shows the customer which message is answered. Our own ids of news (edited, deleted) are no messages at WhatsApp's. */
function contextOf({ in_reply_to: answered }: OutboundMessageV1): Json {
  return answered?.startsWith('wamid.') === true && !answered.includes('|')
    ? { context: { message_id: answered } }
    : {};
}

/** Variables "1", "2" … fill by position, others by name (…/template-messages). */
function templateOf({ id, language, variables }: TemplateUse): Json {
  const names = Object.keys(variables);
  const byPosition = names.every((name) => /^\d+$/.test(name));
  const ordered = byPosition ? names.sort((one, other) => Number(one) - Number(other)) : names;
  const parameters = ordered.map((name) => ({
    type: 'text',
    ...(byPosition ? {} : { parameter_name: name }),
    text: variables[name] ?? '',
  }));
  return {
    name: id,
    language: { code: language ?? 'en_US' },
    ...(parameters.length === 0 ? {} : { components: [{ type: 'body', parameters }] }),
  };
}
