import { FaninError } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import type { Lease } from './leases.js';

type Marked = Pick<HostedAccount, 'id' | 'tenant'>;

/** The row lock on the lease makes a takeover wait for this write, or this write see the takeover. */
const STORE = `
  WITH held AS (
    SELECT 1 FROM channels.leases WHERE account_id = $1 AND holder = $4 AND fence = $5 FOR SHARE
  )
  INSERT INTO channels.checkpoints AS c (account_id, tenant, cursor, fence)
  SELECT $1, $2, $3, $5 FROM held
  ON CONFLICT (account_id) DO UPDATE SET cursor = excluded.cursor, fence = excluded.fence, updated_at = now()
    WHERE c.fence <= excluded.fence`;

/** Position behind what is durable; null before the first. */
export async function loadCheckpoint(account: Marked, { database }: HostParts): Promise<string | null> {
  const found = await database.transaction(account.tenant, (client) =>
    client.query<{ cursor: string }>('SELECT cursor FROM channels.checkpoints WHERE account_id = $1', [account.id]),
  );
  return found.rows[0]?.cursor ?? null;
}

/** Stores the position, under the lease only: TRANSIENT when it was lost, and nothing is written. */
export async function storeCheckpoint(
  account: Marked,
  cursor: string,
  lease: Lease,
  { database }: HostParts,
): Promise<void> {
  if (lease.signal.aborted) throw leaseLost();
  const done = await database.transaction(account.tenant, (client) =>
    client.query(STORE, [account.id, account.tenant, cursor, lease.holder, lease.fence]),
  );
  if (done.rowCount === 0) throw leaseLost();
}

function leaseLost(): FaninError {
  return new FaninError('TRANSIENT', 'the lease of the account was lost, another process reads on');
}
