import {
  completeMessage,
  messageIdOf,
  type ChannelInstance,
  type Delivery,
  type MessageDraft,
  type Normalised,
} from '@fanin/connector-kit';
import type { Attachment, FateV1, InboundMessageV1, OutboundReceiptV1, RawDeliveryV1 } from '@fanin/contracts';
import type { FaninError } from '@fanin/kernel';
import type { Consents } from '../consents/consents.js';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { isLateAttachment, lateDraft } from '../media/late-attachment.js';
import type { MediaBudget, MediaIntake } from '../media/media-intake.js';
import type { ReceiptResolver } from '../receipts/receipt-resolver.js';
import { deliveryOf, storeAttachments, storeBodies } from './blobs.js';
import { partsOf, type DeliveryParts } from './delivery-parts.js';
import { fateOf, unspoken } from './fates.js';

/** One entry of a delivery that goes to the dead letters while its neighbours do not. */
export interface Letter {
  readonly part: number;
  readonly code: FaninError['code'];
  readonly reason: string;
}

/** What a delivery becomes on the log. Fates of messages are the ticket core's to decide; all others are here. */
export interface Products {
  readonly messages: readonly InboundMessageV1[];
  readonly receipts: readonly OutboundReceiptV1[];
  readonly fates: readonly FateV1[];
  readonly letters: readonly Letter[];
}

export interface ReadTools {
  readonly parts: HostParts;
  readonly receipts: ReceiptResolver;
  readonly consents: Consents;
  readonly media: MediaIntake;
}

export const NOTHING: Products = { messages: [], receipts: [], fates: [], letters: [] };

/**
 * Reads one delivery. Throws FaninError BAD_PAYLOAD (or another code that no retry mends) for what is to be dead-lettered,
 * TRANSIENT when the object store or the database is away, anything else when the channel is at fault.
 */
export async function normaliseDelivery(
  raw: RawDeliveryV1,
  account: HostedAccount | undefined,
  tools: ReadTools,
  budget: MediaBudget,
): Promise<Products> {
  const { parts, receipts, consents } = tools;
  if (account === undefined || account.tenant !== raw.tenant)
    return quarantined(raw, 'unknown_account', `account ${raw.account_id} is not in the configuration`, parts);
  const isOurs = isLateAttachment(raw);
  // Waiting for it would hold up every other account of the service; the bytes are kept and can be replayed.
  if (account.instance === undefined && !isOurs)
    return quarantined(raw, 'account_not_open', `account ${account.id} could not be opened, see its state`, parts);
  const delivery = await deliveryOf(raw, parts);
  const normalised = await read(delivery, isOurs ? undefined : account.instance);
  const numbered = partsOf(normalised);
  const fates =
    numbered.count === 0
      ? [fateOf(raw, unspoken(normalised, account.manifest), parts)]
      : numbered.rejected.map(({ at, code, reason }) =>
          fateOf(raw, { fate: 'dead_lettered', rule: code, evidence: reason }, parts, {
            part: at,
            parts: numbered.count,
          }),
        );
  await consents.keep(account, normalised.consents ?? []);
  return {
    messages: await messagesOf(normalised, numbered, delivery, account, tools, budget),
    receipts: await receipts.resolve(account, normalised.receipts ?? []),
    fates,
    letters: numbered.rejected.map(({ at, code, reason }) => ({ part: at, code, reason })),
  };
}

/** Without an instance: what the host made itself. */
async function read(delivery: Delivery, instance: ChannelInstance | undefined): Promise<Normalised> {
  return instance === undefined ? { messages: [lateDraft(delivery.body)] } : instance.normalise(delivery);
}

async function messagesOf(
  { messages: drafts }: Normalised,
  numbered: DeliveryParts,
  delivery: Delivery,
  account: HostedAccount,
  { parts, media }: ReadTools,
  budget: MediaBudget,
): Promise<InboundMessageV1[]> {
  const messages: InboundMessageV1[] = [];
  for (const [index, written] of drafts.entries()) {
    const fetched = hasRemote(written)
      ? await media.collect(account, written, messageIdOf(delivery, drafts, index), budget)
      : new Map<number, Attachment>();
    const attachments = await storeAttachments(written, fetched, delivery.tenant, parts);
    const part = numbered.ofMessages[index] ?? index;
    const bodyKey = `${delivery.tenant}/bodies/${delivery.deliveryId}/${part}`;
    const { draft, ref: bodyRef } = await storeBodies(written, bodyKey, parts);
    const place = { delivery, manifest: account.manifest, part: index, drafts, attachments, bodyRef };
    messages.push({ ...completeMessage(draft, place), part, parts: numbered.count });
  }
  return messages;
}

function hasRemote({ attachments }: MessageDraft): boolean {
  return attachments.some((attachment) => 'ref' in attachment);
}

function quarantined(raw: RawDeliveryV1, rule: string, evidence: string, parts: HostParts): Products {
  return { ...NOTHING, fates: [fateOf(raw, { fate: 'quarantined', rule, evidence }, parts)] };
}
