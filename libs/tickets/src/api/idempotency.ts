import { createHash } from 'node:crypto';
import { invalidInput, ProblemException, type Principal } from '@fanin/platform';
import type { PoolClient } from 'pg';

export interface IdempotentRequest {
  readonly key: string;
  readonly hash: string;
}

/** The header and what the request asks for; undefined when there is no header. */
export function idempotentRequest(
  key: string | undefined,
  ...asked: readonly unknown[]
): IdempotentRequest | undefined {
  if (key === undefined) return undefined;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw invalidInput([
      {
        path: 'Idempotency-Key',
        message: 'must have 1 to 255 printable ASCII characters',
        example: '5f0c6f8e-7d0b-4b9e-9a52-0f3a9b1c2d3e',
      },
    ]);
  }
  return { key, hash: createHash('sha256').update(JSON.stringify(asked)).digest('hex') };
}

/** How long a key answers for its request; older ones are cleared by whoever uses a key next. */
const KEPT_FOR = '7 days';

/**
 * Takes the key for a message about to be made. Two requests with one key meet at the primary key: the second waits for the
 * first one's commit and then gets its message's id. 409 when the key was used for something else.
 */
export async function claimKey(
  client: PoolClient,
  tenant: string,
  principal: Principal,
  request: IdempotentRequest,
  messageId: string,
  now: string,
): Promise<string | undefined> {
  await client.query(
    `DELETE FROM tickets.idempotency_keys WHERE created_at < $1::timestamptz - interval '${KEPT_FOR}'`,
    [now],
  );
  const claimed = await client.query(
    `INSERT INTO tickets.idempotency_keys (tenant, principal_id, key, request_hash, message_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [tenant, principal.id, request.key, request.hash, messageId, now],
  );
  if (claimed.rowCount === 1) return undefined;
  const { rows } = await client.query<{ request_hash: string; message_id: string }>(
    'SELECT request_hash, message_id FROM tickets.idempotency_keys WHERE tenant = $1 AND principal_id = $2 AND key = $3',
    [tenant, principal.id, request.key],
  );
  if (rows[0]?.request_hash === request.hash) return rows[0].message_id;
  throw new ProblemException(
    409,
    'idempotency_key_reused',
    'This Idempotency-Key was used for something else',
    'Use a new key for every new request.',
  );
}
