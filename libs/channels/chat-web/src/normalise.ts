import { FaninError } from '@fanin/kernel';
import type { Delivery, MessageDraft, Normalise } from '@fanin/connector-kit';
import { cleanText, parseFrame } from './parse-frame.js';
import type { MessageFrame } from './protocol.js';
import { CONTENT_TYPE, providerMessageId } from './raw.js';

export const normalise: Normalise = async (delivery) => ({ messages: [messageOf(delivery)] });

function messageOf(delivery: Delivery): MessageDraft {
  const frame = frameOf(delivery);
  const { meta } = delivery;
  const conversation = required(meta, 'conversation_id');
  const visitor = required(meta, 'visitor_id');
  const page = meta['page'];
  const email = meta['email'];
  const former = meta['former_visitor_id'];
  return {
    provider_message_id: providerMessageId(meta, frame.client_message_id),
    conversation_key: conversation,
    sender: { kind: 'visitor', id: visitor, name: meta['name'] ?? null },
    sender_verified: meta['verified'] === 'true',
    recipients: [],
    subject: null,
    text: cleanText(frame.text),
    html: null,
    quoted_text: null,
    attachments: [],
    provider_time: frame.sent_at ?? null,
    threading: { reply_token: null, references: [], subject_base: null },
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {
      conversation_id: conversation,
      visitor_id: visitor,
      ...(email === undefined ? {} : { email }),
      ...(former === undefined ? {} : { former_visitor_id: former }),
      ...(page === undefined ? {} : { page }),
    },
  };
}

function frameOf(delivery: Delivery): MessageFrame {
  if (delivery.contentType !== CONTENT_TYPE) {
    throw new FaninError('BAD_PAYLOAD', `content type is not ${CONTENT_TYPE}`);
  }
  const frame = parseFrame(delivery.body.toString('utf8'));
  if (!frame.ok) throw new FaninError('BAD_PAYLOAD', frame.error);
  if (frame.value.type !== 'message') throw new FaninError('BAD_PAYLOAD', 'the frame is not a message');
  return frame.value;
}

function required(meta: Readonly<Record<string, string>>, name: string): string {
  const value = meta[name];
  if (value === undefined || value === '') throw new FaninError('BAD_PAYLOAD', `meta.${name} is missing`);
  return value;
}
