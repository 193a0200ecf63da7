import type { ConsentDraft, MessageDraft, Normalised, ReceiptDraft, RemoteAttachment } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';

type Value = Readonly<Record<string, unknown>>;

/**
 * {"id", "room", "text"} is a message, with "remote" one whose files the provider keeps; {"ignore"}, {"receipt"}, {"news"},
 * {"consents"}, {"bug"} and {"parts"} do what they say, a part {"poison"} is rejected; the rest is bad.
 */
export async function normaliseScript(body: Buffer): Promise<Normalised> {
  let value: Value;
  try {
    value = JSON.parse(body.toString('utf8')) as Value;
  } catch {
    throw new FaninError('BAD_PAYLOAD', 'no JSON');
  }
  if (value['ignore'] !== undefined)
    return { messages: [], ignored: { rule: String(value['ignore']), evidence: 'told so' } };
  if (value['receipt'] !== undefined)
    return { messages: [], receipts: [{ ...NEWS, status: 'read', outbound_id: String(value['receipt']) }] };
  if (value['news'] !== undefined)
    return { messages: [], receipts: (value['news'] as Partial<ReceiptDraft>[]).map((each) => ({ ...NEWS, ...each })) };
  if (value['consents'] !== undefined) return { messages: [], consents: value['consents'] as ConsentDraft[] };
  if (value['bug'] !== undefined) throw new TypeError('x is not a function');
  if (Array.isArray(value['parts'])) return partsOf(value['parts'] as Value[]);
  return { messages: [draftOf(value)] };
}

const NEWS: ReceiptDraft = {
  outbound_id: null,
  status: 'delivered',
  provider_message_id: null,
  code: null,
  reason: null,
  at: '2026-11-21T08:00:00.000Z',
};

function partsOf(parts: readonly Value[]): Normalised {
  const rejected = parts.flatMap((part, at) =>
    part['poison'] === undefined ? [] : [{ at, code: 'BAD_PAYLOAD' as const, reason: String(part['poison']) }],
  );
  const messages = parts.filter((part) => part['poison'] === undefined).map(draftOf);
  return { messages, ...(rejected.length === 0 ? {} : { rejected }) };
}

function draftOf(value: Value): MessageDraft {
  const attachment = value['attachment'];
  const remote = (value['remote'] ?? []) as RemoteAttachment[];
  return {
    provider_message_id: String(value['id']),
    conversation_key: String(value['room'] ?? 'room'),
    sender: { kind: 'social', id: 'ada', name: null },
    sender_verified: true,
    recipients: [],
    subject: null,
    text: String(value['text'] ?? ''),
    html: null,
    quoted_text: null,
    attachments:
      typeof attachment === 'string'
        ? [{ name: 'a.txt', content_type: 'text/plain', inline: false, content: Buffer.from(attachment) }]
        : remote,
    provider_time: '2026-11-21T08:00:00.000Z',
    threading: { reply_token: null, references: [], subject_base: null },
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
  };
}

/** A file that the provider keeps, for {"remote"}. */
export function remoteFile(ref: string): RemoteAttachment {
  return { ref, name: `${ref}.jpg`, content_type: 'image/jpeg', inline: false };
}
