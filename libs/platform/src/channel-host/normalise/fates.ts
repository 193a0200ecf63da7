import type { ChannelManifest, Normalised, ReceiptDraft } from '@fanin/connector-kit';
import type { FateV1, RawDeliveryV1 } from '@fanin/contracts';
import { FaninError, isoTime } from '@fanin/kernel';
import type { HostParts } from '../host-settings.js';

type Fated = Pick<RawDeliveryV1, 'delivery_id' | 'tenant' | 'account_id' | 'channel'>;
type Decided = Pick<FateV1, 'fate' | 'rule' | 'evidence'>;

/** The rules of a delivery that was nothing but news about messages of ours, or a word on consent. */
const RECEIPT_RULE = 'receipt';
const CONSENT_RULE = 'consent';

/** A fate that is decided here; those of messages are the ticket core's. One part of one unless told otherwise. */
export function fateOf(
  raw: Fated,
  decided: Decided,
  parts: Pick<HostParts, 'clock'>,
  place: Pick<FateV1, 'part' | 'parts'> = { part: 0, parts: 1 },
): FateV1 {
  return {
    delivery_id: raw.delivery_id,
    ...place,
    tenant: raw.tenant,
    account_id: raw.account_id,
    channel: raw.channel,
    ...decided,
    rule: decided.rule?.slice(0, 64) ?? null,
    evidence: decided.evidence?.slice(0, 500) ?? null,
    message_id: null,
    ticket_id: null,
    decided_at: isoTime(parts.clock.now()),
  };
}

/** Why a delivery has nothing for the ticket core. Throws BUG when the channel does not say. */
export function unspoken(normalised: Normalised, manifest: ChannelManifest): Decided {
  const ignored = normalised.ignored ?? receiptOnly(normalised.receipts ?? []) ?? consentOnly(normalised);
  if (ignored === undefined) throw new FaninError('BUG', `the channel ${manifest.slug} said nothing of a delivery`);
  return { fate: 'ignored', ...ignored };
}

function receiptOnly(receipts: readonly ReceiptDraft[]): Pick<Decided, 'rule' | 'evidence'> | undefined {
  const [first] = receipts;
  if (first === undefined) return undefined;
  const about = first.outbound_id === null ? (first.watermark?.up_to ?? 'a message of ours') : first.outbound_id;
  return { rule: RECEIPT_RULE, evidence: `outbound ${about}: ${first.status}` };
}

function consentOnly({ consents = [] }: Normalised): Pick<Decided, 'rule' | 'evidence'> | undefined {
  const [first] = consents;
  return first === undefined ? undefined : { rule: CONSENT_RULE, evidence: `${first.state}: ${first.evidence}` };
}
