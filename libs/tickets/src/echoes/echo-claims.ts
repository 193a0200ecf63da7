import { storableJson } from '@fanin/platform';
import type { InboundMessageV1 } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import { storable } from '../schema/storable.js';

/** An echo taken for that reply by its words. */
export interface EchoClaim {
  readonly tenant: string;
  readonly outboundId: string;
  readonly message: InboundMessageV1;
}

/** By then every answer of a provider has come that ever will. */
const KEPT_FOR = '7 days';

export async function insertClaims(client: PoolClient, claims: readonly EchoClaim[], now: string): Promise<void> {
  if (claims.length === 0) return;
  await client.query(`DELETE FROM tickets.echo_claims WHERE claimed_at < $1::timestamptz - interval '${KEPT_FOR}'`, [
    now,
  ]);
  await client.query(
    `INSERT INTO tickets.echo_claims (tenant, outbound_id, provider_message_id, message, claimed_at)
     SELECT n.tenant, n.outbound_id, n.provider_message_id, n.message, $5
     FROM unnest($1::text[], $2::text[], $3::text[], $4::json[]) AS n(tenant, outbound_id, provider_message_id, message)
     ON CONFLICT DO NOTHING`,
    [
      claims.map(({ tenant }) => tenant),
      claims.map(({ outboundId }) => outboundId),
      claims.map(({ message }) => storable(message.provider_message_id)),
      claims.map(({ message }) => storableJson(message)),
      now,
    ],
  );
}

export async function claimsOn(
  client: PoolClient,
  outboundIds: readonly string[],
): Promise<ReadonlyMap<string, EchoClaim>> {
  const { rows } = await client.query<EchoClaim>(
    'SELECT tenant, outbound_id AS "outboundId", message FROM tickets.echo_claims WHERE outbound_id = ANY ($1::text[])',
    [outboundIds],
  );
  return new Map(rows.map((claim) => [claim.outboundId, claim]));
}

/** The provider has said whose the echo was. */
export async function deleteClaims(client: PoolClient, claims: readonly EchoClaim[]): Promise<void> {
  if (claims.length === 0) return;
  await client.query('DELETE FROM tickets.echo_claims WHERE outbound_id = ANY ($1::text[])', [
    claims.map(({ outboundId }) => outboundId),
  ]);
}
