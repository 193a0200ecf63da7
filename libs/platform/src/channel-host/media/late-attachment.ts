import type { CapturedDelivery, MessageDraft, RemoteAttachment } from '@fanin/connector-kit';
import type { Attachment, RawDeliveryV1 } from '@fanin/contracts';

/** What is kept of a message so that an attachment can be added to it later. */
export interface MediaTarget {
  readonly message_id: string;
  readonly n: number;
  readonly draft: Pick<
    MessageDraft,
    | 'provider_message_id'
    | 'conversation_key'
    | 'sender'
    | 'sender_verified'
    | 'recipients'
    | 'subject'
    | 'provider_time'
    | 'threading'
    | 'automatic'
    | 'provider_fields'
    | 'author'
    | 'visibility'
  >;
}

/** The end of fetching an attachment: it is there, or it never will be. */
export type MediaEnd =
  { readonly attachment: Attachment } | { readonly missing: { readonly name: string; readonly reason: string } };

interface LateBody {
  readonly target: MediaTarget;
  readonly end: MediaEnd;
}

/** Marks deliveries that the host made itself; taken off what channels hand over, so that nobody else can make one. */
export const HOST_META_PREFIX = 'fanin.';
const MARK = `${HOST_META_PREFIX}made_by`;
const MARK_VALUE = 'media';

export function targetOf(draft: MessageDraft, messageId: string, n: number): MediaTarget {
  const { provider_message_id, conversation_key, sender, sender_verified, recipients, subject, provider_time } = draft;
  const { threading, automatic, provider_fields, author, visibility } = draft;
  return {
    message_id: messageId,
    n,
    draft: {
      provider_message_id,
      conversation_key,
      sender,
      sender_verified,
      recipients,
      subject,
      provider_time,
      threading,
      automatic,
      provider_fields,
      ...(author === undefined ? {} : { author }),
      ...(visibility === undefined ? {} : { visibility }),
    },
  };
}

/**
 * A late attachment takes the road of all deliveries: captured under an id of its own, kept in the archive, normalised (by
 * the host), so that captured stays the sum of fates and a replay gives the same message.
 */
export function lateDelivery(target: MediaTarget, end: MediaEnd): CapturedDelivery {
  const body: LateBody = { target, end };
  return {
    body: Buffer.from(JSON.stringify(body), 'utf8'),
    contentType: 'application/json',
    meta: { [MARK]: MARK_VALUE },
    orderKey: target.draft.conversation_key,
  };
}

export function isLateAttachment({ meta }: Pick<RawDeliveryV1, 'meta'>): boolean {
  return meta[MARK] === MARK_VALUE;
}

/** The amendment that a late delivery stands for. Pure: the same target gives the same id, so a repeat is a duplicate. */
export function lateDraft(body: Buffer): MessageDraft {
  const { target, end } = JSON.parse(body.toString('utf8')) as LateBody;
  const { provider_message_id: changed } = target.draft;
  const isMissing = 'missing' in end;
  return {
    ...target.draft,
    provider_message_id: `${changed}#attachment-${target.n}`,
    // Ids of providers may repeat within a delivery; those of messages do not.
    provider_message_variant: target.message_id,
    text: isMissing ? `The file "${end.missing.name}" could not be fetched: ${end.missing.reason}` : '',
    html: null,
    quoted_text: null,
    attachments: isMissing ? [] : [end.attachment],
    delivery_report: null,
    flags: isMissing ? ['attachment_missing'] : ['attachment_late'],
    amends: { provider_message_id: changed, change: 'attachments_added', value: null },
  };
}

/** For people; the provider's words may be long. */
export function missingOf({ name }: RemoteAttachment, reason: string): MediaEnd {
  return { missing: { name, reason: reason.slice(0, 300) } };
}
