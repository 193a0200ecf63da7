import type { InboundMessageV1, OutboundReceiptV1 } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import type { SentMessage } from '../receipts/sent-messages.js';
import { referenceHash } from '../threading/keys.js';
import { claimsOn, deleteClaims, type EchoClaim } from './echo-claims.js';

/**
 * Compares the provider's own word with the claims that echoes made on these replies. Resolves to the echoes that were
 * somebody else's after all: their ids are free again and the replies stand as if nobody had claimed them. Before the
 * receipts are applied, under the locks of the tickets.
 */
export async function settleClaims(
  client: PoolClient,
  receipts: readonly OutboundReceiptV1[],
  messages: ReadonlyMap<string, SentMessage>,
): Promise<readonly InboundMessageV1[]> {
  if (messages.size === 0) return [];
  const claims = await claimsOn(client, [...messages.keys()]);
  const settled: EchoClaim[] = [];
  const refuted: EchoClaim[] = [];
  for (const receipt of receipts) {
    const claim = claims.get(receipt.outbound_id);
    const message = messages.get(receipt.outbound_id);
    if (claim === undefined || message === undefined || settled.includes(claim) || claim.tenant !== receipt.tenant)
      continue;
    const verdict = verdictOf(receipt, claim);
    if (verdict === 'open') continue;
    settled.push(claim);
    if (verdict === 'ours') continue;
    refuted.push(claim);
    message.delivery = { ...message.delivery, status: 'queued', provider_message_id: null };
  }
  await deleteClaims(client, settled);
  await freeReferences(client, refuted);
  return refuted.map(({ message }) => message);
}

function verdictOf(receipt: OutboundReceiptV1, { message }: EchoClaim): 'ours' | 'not_ours' | 'open' {
  if (receipt.provider_message_id === message.provider_message_id) return 'ours';
  if (receipt.status === 'failed') return 'not_ours';
  return receipt.provider_message_id === null || receipt.status === 'queued' ? 'open' : 'not_ours';
}

async function freeReferences(client: PoolClient, claims: readonly EchoClaim[]): Promise<void> {
  if (claims.length === 0) return;
  await client.query(
    `DELETE FROM tickets.message_references r USING unnest($1::text[], $2::uuid[], $3::text[]) AS n(tenant, hash, message_id)
     WHERE r.tenant = n.tenant AND r.ref_hash = n.hash AND r.message_id = n.message_id`,
    [
      claims.map(({ tenant }) => tenant),
      claims.map(({ message }) => referenceHash(message.channel, message.account_id, message.provider_message_id)),
      claims.map(({ outboundId }) => outboundId),
    ],
  );
}
