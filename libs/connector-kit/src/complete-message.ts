import type { Attachment, BlobRef, InboundMessageV1 } from '@fanin/contracts';
import { deterministicId } from '@fanin/kernel';
import type { ChannelManifest } from './manifest.js';
import type { Delivery, MessageDraft } from './normalise.js';

export interface MessagePlace {
  readonly delivery: Delivery;
  readonly manifest: ChannelManifest;
  readonly part: number;
  /** All drafts of the delivery; the message is made of the one at `part`. */
  readonly drafts: readonly MessageDraft[];
  readonly attachments: readonly Attachment[];
  /** Where the bodies went when they were too large to travel. */
  readonly bodyRef: BlobRef | null;
}

/**
 * The id of a message. It counts the drafts of the same provider id before it, not the place in the delivery: providers
 * regroup what they send again, and a message must keep its id when it comes second in one delivery and first in the next.
 */
export function messageIdOf(delivery: Delivery, drafts: readonly MessageDraft[], part: number): string {
  const keyOf = (draft: MessageDraft | undefined): readonly [string, string] => [
    draft?.provider_message_id ?? '',
    draft?.provider_message_variant ?? '',
  ];
  const [providerId, variant] = keyOf(drafts[part]);
  const earlier = drafts
    .slice(0, part)
    .filter((draft) => keyOf(draft).join('\n') === `${providerId}\n${variant}`).length;
  return deterministicId(delivery.tenant, delivery.accountId, providerId, variant, String(earlier));
}

/** The message that a draft becomes. Pure; the host calls it, and the conformance suite to hold drafts to the contract. */
export function completeMessage(draft: MessageDraft, place: MessagePlace): InboundMessageV1 {
  const { delivery, manifest } = place;
  return {
    message_id: messageIdOf(delivery, place.drafts, place.part),
    tenant: delivery.tenant,
    account_id: delivery.accountId,
    channel: manifest.family,
    channel_slug: manifest.slug,
    delivery_id: delivery.deliveryId,
    part: place.part,
    parts: place.drafts.length,
    provider_message_id: draft.provider_message_id,
    conversation_key: draft.conversation_key,
    sender: { ...draft.sender },
    sender_verified: draft.sender_verified,
    recipients: draft.recipients.map((recipient) => ({ ...recipient })),
    subject: draft.subject,
    text: draft.text,
    html: draft.html,
    quoted_text: draft.quoted_text,
    body_ref: place.bodyRef,
    attachments: [...place.attachments],
    provider_time: draft.provider_time,
    received_at: delivery.receivedAt,
    threading: { ...draft.threading, references: [...draft.threading.references] },
    automatic: draft.automatic,
    delivery_report: draft.delivery_report,
    flags: [...draft.flags],
    provider_fields: { ...draft.provider_fields },
    ...(draft.author === undefined ? {} : { author: draft.author }),
    ...visibilityOf(draft, manifest),
    ...(draft.reply_windows === undefined ? {} : { reply_windows: draft.reply_windows.map((each) => ({ ...each })) }),
    ...(draft.amends === undefined ? {} : { amends: { ...draft.amends } }),
    ...(draft.task === undefined ? {} : { task: { ...draft.task } }),
  };
}

/** Where a channel knows both sorts, what it does not call public is private. */
function visibilityOf(
  { visibility }: MessageDraft,
  { capabilities }: ChannelManifest,
): Pick<InboundMessageV1, 'visibility'> {
  if (visibility !== undefined) return { visibility };
  return capabilities.includes('visibility') ? { visibility: 'private' } : {};
}
