import type { MessageDraft } from '@fanin/connector-kit';
import type { Amendment, Party, Recipient } from '@fanin/contracts';
import { cut } from '../wire/json.js';

/** What every draft of a Meta channel must say; the rest has defaults. */
export type DraftParts = Pick<MessageDraft, 'provider_message_id' | 'conversation_key' | 'sender' | 'provider_time'> &
  Partial<Omit<MessageDraft, 'threading'>> & { readonly references?: readonly string[]; readonly to: Party };

/** A message of a platform that vouches for who wrote it. */
export function draftOf({ references = [], to, ...parts }: DraftParts): MessageDraft {
  const recipient: Recipient = { ...to, role: 'to' };
  return {
    sender_verified: true,
    recipients: [recipient],
    subject: null,
    text: '',
    html: null,
    quoted_text: null,
    attachments: [],
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
    ...parts,
    threading: { reply_token: null, references: [...references], subject_base: null },
  };
}

/** An id of our making for news about a message: what is told twice is the same news. */
export function newsId(...parts: readonly string[]): string {
  return cut(parts.join('|'), 900);
}

export function amendment(providerMessageId: string, change: string, value: string | null = null): Amendment {
  return { provider_message_id: providerMessageId, change, value: value === null ? null : cut(value, 64) };
}
