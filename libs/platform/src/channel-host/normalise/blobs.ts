import { createHash } from 'node:crypto';
import type { Delivery, MessageDraft } from '@fanin/connector-kit';
import { INLINE_BODY_LIMIT_BYTES, type Attachment, type BlobRef, type RawDeliveryV1 } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import type { HostParts } from '../host-settings.js';

/** How much of a text that travels by reference stays in the message, for lists and search. */
const BEGINNING_CHARS = 32_768;

/** The delivery with its bytes in one piece, whatever way they travelled. TRANSIENT when the store is away. */
export async function deliveryOf(raw: RawDeliveryV1, { blobs }: HostParts): Promise<Delivery> {
  return {
    deliveryId: raw.delivery_id,
    tenant: raw.tenant,
    accountId: raw.account_id,
    receivedAt: raw.received_at,
    contentType: raw.content_type,
    meta: raw.meta,
    body: raw.body_ref === null ? inlineBody(raw) : await blobs.get(raw.body_ref.key),
  };
}

function inlineBody(raw: RawDeliveryV1): Buffer {
  if (raw.body === null) throw new FaninError('BAD_PAYLOAD', 'the delivery has neither body nor body_ref');
  return Buffer.from(raw.body, raw.body_encoding);
}

/**
 * Puts attachments that carry bytes into the store, under their hash: the same bytes are kept once per tenant. Those that
 * the provider keeps are in `fetched` by their place, or come later.
 */
export async function storeAttachments(
  draft: MessageDraft,
  fetched: ReadonlyMap<number, Attachment>,
  tenant: string,
  { blobs }: HostParts,
): Promise<Attachment[]> {
  const stored: Attachment[] = [];
  for (const [n, attachment] of draft.attachments.entries()) {
    if ('ref' in attachment) {
      const there = fetched.get(n);
      if (there !== undefined) stored.push(there);
    } else if ('content' in attachment) {
      const { content, ...rest } = attachment;
      const sha256 = createHash('sha256').update(content).digest('hex');
      const key = `${tenant}/attachments/${sha256.slice(0, 2)}/${sha256}`;
      await blobs.put(key, content);
      stored.push({ ...rest, key, size: content.length, sha256 });
    } else stored.push(attachment);
  }
  return stored;
}

/** Bodies above the limit go to the store as one JSON object; the draft keeps a beginning of the text. */
export async function storeBodies(
  draft: MessageDraft,
  key: string,
  { blobs }: HostParts,
): Promise<{ readonly draft: MessageDraft; readonly ref: BlobRef | null }> {
  const { text, html, quoted_text } = draft;
  const size = [text, html ?? '', quoted_text ?? ''].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  if (size <= INLINE_BODY_LIMIT_BYTES) return { draft, ref: null };
  const bytes = Buffer.from(JSON.stringify({ text, html, quoted_text }), 'utf8');
  await blobs.put(key, bytes);
  const ref = { key, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  return { draft: { ...draft, text: beginningOf(text), html: null, quoted_text: null }, ref };
}

/** Never half of a surrogate pair. */
function beginningOf(text: string): string {
  const last = text.charCodeAt(BEGINNING_CHARS - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? BEGINNING_CHARS - 1 : BEGINNING_CHARS);
}
