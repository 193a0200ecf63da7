import type { MessageDraft, Normalise } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';

interface EchoMessage {
  readonly id: string;
  readonly room: string;
  readonly from: { readonly id: string; readonly name?: string };
  readonly text: string;
}

/** One message a delivery, or a sign that somebody types. */
export const normalise: Normalise = async (delivery) => {
  const value = read(delivery.body);
  if (value['type'] === 'typing') return { messages: [], ignored: { rule: 'typing', evidence: 'type: typing' } };
  return { messages: [draftOf(checked(value))] };
};

function read(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new FaninError('BAD_PAYLOAD', 'the body is no JSON object');
}

function checked(value: Record<string, unknown>): EchoMessage {
  const { id, room, text } = value;
  const from = value['from'] as EchoMessage['from'] | null | undefined;
  if (!isText(id, 100) || !isText(room, 100)) throw new FaninError('BAD_PAYLOAD', 'id or room is missing');
  if (typeof from !== 'object' || from === null || !isText(from.id, 100))
    throw new FaninError('BAD_PAYLOAD', 'from.id is missing');
  if (from.name !== undefined && !isText(from.name, 100)) throw new FaninError('BAD_PAYLOAD', 'from.name is no text');
  if (typeof text !== 'string') throw new FaninError('BAD_PAYLOAD', 'text is missing');
  return { id, room, from, text };
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longest;
}

function draftOf(message: EchoMessage): MessageDraft {
  return {
    provider_message_id: message.id,
    conversation_key: message.room,
    sender: { kind: 'social', id: message.from.id, name: message.from.name ?? null },
    sender_verified: true,
    recipients: [],
    subject: null,
    text: message.text,
    html: null,
    quoted_text: null,
    attachments: [],
    provider_time: null,
    threading: { reply_token: null, references: [], subject_base: null },
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
  };
}
