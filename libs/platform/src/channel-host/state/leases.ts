import { codeOf, createStop, ERROR_TRAITS, messageOf } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';

/** The right to read an account, held by one process of the cluster at a time. */
export interface Lease {
  /** Grows with every new holder: what is written under an older one is refused. */
  readonly fence: string;
  readonly holder: string;
  /** Aborts when the lease is lost or may be: nothing may be read or written after that. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

type LeasedAccount = Pick<HostedAccount, 'id' | 'tenant'>;

/**
 * A lease that ends later than any can was taken before the database's clock was set back: its holder, if it lives, has not
 * renewed it since. Nobody waits for that hour; should the holder live, the fence refuses what it writes.
 */
const ACQUIRE = `
  INSERT INTO channels.leases AS l (account_id, tenant, holder, fence, expires_at)
  VALUES ($1, $2, $3, 1, clock_timestamp() + make_interval(secs => $4))
  ON CONFLICT (account_id) DO UPDATE
    SET holder = excluded.holder, tenant = excluded.tenant, fence = l.fence + 1, expires_at = excluded.expires_at
    WHERE l.expires_at <= clock_timestamp() OR l.expires_at > clock_timestamp() + 2 * make_interval(secs => $4)
  RETURNING fence`;

const RENEW = `
  UPDATE channels.leases SET expires_at = clock_timestamp() + make_interval(secs => $4)
  WHERE account_id = $1 AND holder = $2 AND fence = $3`;

const RELEASE = `
  UPDATE channels.leases SET expires_at = '-infinity' WHERE account_id = $1 AND holder = $2 AND fence = $3`;

/** Takes the lease when it is free; undefined when somebody else has it. Throws TRANSIENT when the database is away. */
export async function acquireLease(
  account: LeasedAccount,
  holder: string,
  parts: HostParts,
): Promise<Lease | undefined> {
  const { database, clock, timings } = parts;
  const seconds = timings.leaseMs / 1000;
  const asked = clock.monotonicMs();
  const found = await database.transaction(account.tenant, (client) =>
    client.query<{ fence: string }>(ACQUIRE, [account.id, account.tenant, holder, seconds]),
  );
  const fence = found.rows[0]?.fence;
  return fence === undefined ? undefined : keep(account, { holder, fence }, asked, parts);
}

/** Renews at a third of its length; gives up by its own clock a little before the database would let another one in. */
function keep(account: LeasedAccount, own: { holder: string; fence: string }, asked: number, parts: HostParts): Lease {
  const { database, clock, logger, timings } = parts;
  const lost = createStop();
  const seconds = timings.leaseMs / 1000;
  const safeMs = timings.leaseMs * 0.8;
  let renewedAt = asked;
  let released = false;

  const lose = (reason: string): void => {
    if (lost.signal.aborted) return;
    if (!released) logger.warn('the lease of an account is lost', { account: account.id, fence: own.fence, reason });
    lost.abort();
  };
  const renew = async (): Promise<void> => {
    const began = clock.monotonicMs();
    try {
      const done = await database.transaction(account.tenant, (client) =>
        client.query(RENEW, [account.id, own.holder, own.fence, seconds]),
      );
      if (done.rowCount === 0) lose('another process took it over');
      else renewedAt = began;
    } catch (error) {
      logger[ERROR_TRAITS[codeOf(error)].level]('a lease could not be renewed', {
        account: account.id,
        reason: messageOf(error),
      });
    }
  };
  const renewing = (async (): Promise<void> => {
    while (!lost.signal.aborted) {
      await clock.sleep(timings.leaseMs / 3, lost.signal);
      if (!lost.signal.aborted) await renew();
    }
  })();
  // Apart from renewing, which may hang on a dead connection for longer than the lease lasts.
  const watching = (async (): Promise<void> => {
    while (!lost.signal.aborted) {
      const left = renewedAt + safeMs - clock.monotonicMs();
      if (left <= 0) return lose('it could not be renewed in time');
      await clock.sleep(left, lost.signal);
    }
  })();

  return {
    ...own,
    signal: lost.signal,
    async release() {
      released = true;
      lose('released');
      await watching;
      // Not waited for when it hangs: the fence keeps a late renewal from doing harm, and RELEASE ends what it set.
      await Promise.race([renewing, clock.sleep(1_000)]);
      await database
        .transaction(account.tenant, (client) => client.query(RELEASE, [account.id, own.holder, own.fence]))
        .catch((error: unknown) =>
          logger.debug('a lease ends by itself', { account: account.id, reason: messageOf(error) }),
        );
    },
  };
}
