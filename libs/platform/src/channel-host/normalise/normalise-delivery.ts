import { completeMessage, type ChannelManifest, type Normalised, type ReceiptDraft } from '@fanin/connector-kit';
import type { FateV1, InboundMessageV1, OutboundReceiptV1, RawDeliveryV1 } from '@fanin/contracts';
import { FaninError, isoTime } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { deliveryOf, storeAttachments, storeBodies } from './blobs.js';

/** What a delivery becomes on the log. Fates of messages are the ticket core's to decide; all others are here. */
export interface Products {
  readonly messages: readonly InboundMessageV1[];
  readonly receipts: readonly OutboundReceiptV1[];
  readonly fates: readonly FateV1[];
}

/** The rule of a delivery that was nothing but news about messages of ours. */
const RECEIPT_RULE = 'receipt';

/**
 * Reads one delivery. Throws FaninError BAD_PAYLOAD (or another code that no retry mends) for what is to be dead-lettered,
 * TRANSIENT when the object store is away, anything else when the channel is at fault.
 */
export async function normaliseDelivery(
  raw: RawDeliveryV1,
  account: HostedAccount | undefined,
  parts: HostParts,
): Promise<Products> {
  const instance = account?.instance;
  if (account === undefined || account.tenant !== raw.tenant)
    return quarantined(raw, 'unknown_account', `account ${raw.account_id} is not in the configuration`, parts);
  // Waiting for it would hold up every other account of the service; the bytes are kept and can be replayed.
  if (instance === undefined)
    return quarantined(raw, 'account_not_open', `account ${account.id} could not be opened, see its state`, parts);
  const delivery = await deliveryOf(raw, parts);
  const normalised = await instance.normalise(delivery);
  const receipts = (normalised.receipts ?? []).flatMap((draft) => receiptOf(draft, raw));
  const messages: InboundMessageV1[] = [];
  for (const [part, written] of normalised.messages.entries()) {
    const attachments = await storeAttachments(written, raw.tenant, parts);
    const { draft, ref } = await storeBodies(written, `${raw.tenant}/bodies/${raw.delivery_id}/${part}`, parts);
    messages.push(
      completeMessage(draft, {
        delivery,
        manifest: account.manifest,
        part,
        drafts: normalised.messages,
        attachments,
        bodyRef: ref,
      }),
    );
  }
  return {
    messages,
    receipts,
    fates: messages.length > 0 ? [] : [unspokenFate(raw, normalised, account.manifest, parts)],
  };
}

function unspokenFate(raw: RawDeliveryV1, normalised: Normalised, manifest: ChannelManifest, parts: HostParts): FateV1 {
  const ignored = normalised.ignored ?? receiptOnly(normalised.receipts ?? []);
  if (ignored === undefined) throw new FaninError('BUG', `the channel ${manifest.slug} said nothing of a delivery`);
  return fateOf(
    raw,
    { fate: 'ignored', rule: ignored.rule.slice(0, 64), evidence: ignored.evidence.slice(0, 500) },
    parts,
  );
}

function receiptOnly(
  receipts: readonly ReceiptDraft[],
): { readonly rule: string; readonly evidence: string } | undefined {
  const [first] = receipts;
  return first === undefined
    ? undefined
    : { rule: RECEIPT_RULE, evidence: `outbound ${first.outbound_id}: ${first.status}` };
}

function quarantined(raw: RawDeliveryV1, rule: string, evidence: string, parts: HostParts): Products {
  return { messages: [], receipts: [], fates: [fateOf(raw, { fate: 'quarantined', rule, evidence }, parts)] };
}

function receiptOf(draft: ReceiptDraft, raw: RawDeliveryV1): OutboundReceiptV1[] {
  const { outbound_id, watermark: _watermark, ...rest } = draft;
  return outbound_id === null ? [] : [{ ...rest, outbound_id, tenant: raw.tenant, account_id: raw.account_id }];
}

/** The fate of a delivery that yields no message: it has one part. */
export function fateOf(
  raw: Pick<RawDeliveryV1, 'delivery_id' | 'tenant' | 'account_id' | 'channel'>,
  decided: Pick<FateV1, 'fate' | 'rule' | 'evidence'>,
  parts: Pick<HostParts, 'clock'>,
): FateV1 {
  return {
    delivery_id: raw.delivery_id,
    part: 0,
    parts: 1,
    tenant: raw.tenant,
    account_id: raw.account_id,
    channel: raw.channel,
    ...decided,
    message_id: null,
    ticket_id: null,
    decided_at: isoTime(parts.clock.now()),
  };
}
