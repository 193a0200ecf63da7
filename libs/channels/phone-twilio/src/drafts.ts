import type { MessageDraft } from '@fanin/connector-kit';
import type { Party } from '@fanin/contracts';

type Given = Pick<MessageDraft, 'provider_message_id' | 'conversation_key' | 'sender' | 'text'> & Partial<MessageDraft>;

/** A draft with everything that this channel never has left empty. */
export function draft(given: Given): MessageDraft {
  return {
    sender_verified: false,
    recipients: [],
    subject: null,
    html: null,
    quoted_text: null,
    attachments: [],
    provider_time: null,
    threading: { reply_token: null, references: [], subject_base: null },
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
    ...given,
  };
}

export function recipient(party: Party): MessageDraft['recipients'][number] {
  return { ...party, role: 'to' };
}
