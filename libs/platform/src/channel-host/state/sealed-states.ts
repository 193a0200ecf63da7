import type { SealedState } from '@fanin/connector-kit';
import { FaninError, messageOf } from '@fanin/kernel';
import type { PoolClient } from 'pg';
import type { HostParts } from '../host-settings.js';
import { within } from '../within.js';
import type { Seal } from './seal.js';

/** `update` gives a channel this long; a second changer waits a little longer than that. */
const CHANGE_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_MS = 20_000;
/** Attempts to store what `change` made: a refresh token that was used up cannot be had again. */
const STORE_ATTEMPTS = 5;
const STORE_WAIT_MS = 500;

const MAKE = `
  INSERT INTO channels.sealed (account_id, name, tenant) VALUES ($1, $2, $3) ON CONFLICT (account_id, name) DO NOTHING`;
const LOCK = 'SELECT content FROM channels.sealed WHERE account_id = $1 AND name = $2 FOR UPDATE';
const STORE = 'UPDATE channels.sealed SET content = $3, updated_at = now() WHERE account_id = $1 AND name = $2';

/** Changes that one process makes at a time: each holds a connection of the database while the provider thinks. */
const CHANGES_AT_ONCE = 2;

/** The sealed secrets of all accounts of a process. */
export function createSealedStates(
  seal: Seal,
  parts: Pick<HostParts, 'database' | 'clock' | 'logger'>,
): (account: SealedOwner, name: string) => SealedState {
  const gate = createGate(CHANGES_AT_ONCE);
  return (account, name) => {
    const state = createSealedState(account, name, seal, parts);
    return { read: () => state.read(), update: (change) => gate(() => state.update(change)) };
  };
}

interface SealedOwner {
  readonly id: string;
  readonly tenant: string;
}

/** Lets so many through at a time, in order of asking. */
function createGate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** Kept under the row's lock, which is what makes one changer of all processes. */
function createSealedState(
  account: SealedOwner,
  name: string,
  seal: Seal,
  { database, clock, logger }: Pick<HostParts, 'database' | 'clock' | 'logger'>,
): SealedState {
  const place = JSON.stringify([account.id, name]);
  const open = (content: string | null | undefined): string | null =>
    typeof content === 'string' ? seal.open(content, place) : null;

  async function locked(client: PoolClient): Promise<string | null> {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(MAKE, [account.id, name, account.tenant]);
    const found = await client.query<{ content: string | null }>(LOCK, [account.id, name]);
    return found.rows[0]?.content ?? null;
  }

  /** Another transaction, because the first broke after the provider had given the new secret. */
  async function storeLate(before: string | null, made: string, cause: unknown): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await clock.sleep(STORE_WAIT_MS * attempt);
      try {
        await database.transaction(account.tenant, async (client) => {
          const now = await locked(client);
          if (now !== before) throw new FaninError('TRANSIENT', 'it was changed by another process meanwhile');
          await client.query(STORE, [account.id, name, made]);
        });
        return;
      } catch (error) {
        logger.warn('a new secret of an account could not be stored', {
          account: account.id,
          name,
          attempt,
          reason: messageOf(error),
        });
        if (attempt >= STORE_ATTEMPTS) throw cause;
      }
    }
  }

  return {
    async read() {
      const found = await database.transaction(account.tenant, (client) =>
        client.query<{ content: string | null }>(
          'SELECT content FROM channels.sealed WHERE account_id = $1 AND name = $2',
          [account.id, name],
        ),
      );
      return open(found.rows[0]?.content);
    },
    async update(change) {
      let before: string | null = null;
      let made: { readonly plain: string; readonly content: string } | undefined;
      try {
        await database.transaction(account.tenant, async (client) => {
          before = await locked(client);
          // A transaction that is run again must not ask the provider again.
          if (made === undefined) {
            const plain = await within(change(open(before)), CHANGE_TIMEOUT_MS);
            made = { plain, content: seal.close(plain, place) };
          }
          await client.query(STORE, [account.id, name, made.content]);
        });
      } catch (error) {
        const late = made as { readonly content: string } | undefined;
        if (late === undefined) throw error;
        await storeLate(before, late.content, error);
      }
      return (made as unknown as { readonly plain: string }).plain;
    },
  };
}
