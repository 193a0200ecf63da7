import { ACCOUNT_ACTIONS, type AccountNotice, type AccountStateName } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, isoTime, messageOf, type ErrorCode } from '@fanin/kernel';
import { labelsOf, type HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import type { HookView } from '../http/hook-addresses.js';
import { storableJson } from '../../database/storable-json.js';

type StatedAccount = Omit<HostedAccount, 'instance'>;

export interface StateChange {
  readonly state: AccountStateName;
  readonly code?: ErrorCode;
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly nextAttemptAt?: number;
}

const MAX_NOTICES = 20;
const MAX_REASON = 500;

const REGISTER = `
  INSERT INTO channels.accounts AS a (account_id, tenant, channel, channel_slug, title, hook_urls, state, since)
  VALUES ($1, $2, $3, $4, $5, '{}', 'starting', $6)
  ON CONFLICT (account_id) DO UPDATE
    SET tenant = excluded.tenant, channel = excluded.channel, channel_slug = excluded.channel_slug,
        title = excluded.title, updated_at = now()`;

const SHOW_HOOKS = 'UPDATE channels.accounts SET hooks = $2, hook_urls = $3, updated_at = now() WHERE account_id = $1';

const CHANGE = `
  UPDATE channels.accounts
  SET since = CASE WHEN state = $2 AND code IS NOT DISTINCT FROM $3 THEN since ELSE $7 END,
      state = $2, code = $3, reason = $4, next_attempt_at = $5, action = $6, updated_at = now()
  WHERE account_id = $1`;

const NOTE = `
  UPDATE channels.accounts
  SET notices = (SELECT coalesce(jsonb_agg(n ORDER BY i), '[]') FROM (
        SELECT n, i FROM jsonb_array_elements($2::jsonb || notices) WITH ORDINALITY AS t (n, i) LIMIT ${MAX_NOTICES}) AS kept)
  WHERE account_id = $1`;

/** What operators see of accounts, kept in the database. A state that cannot be written is logged: capture goes on. */
export class AccountStates {
  private readonly last = new Map<string, string>();
  private readonly writing = new Map<string, Promise<void>>();

  constructor(private readonly parts: HostParts) {}

  /** Makes the rows of these accounts and removes those that left the configuration. Throws TRANSIENT. */
  async register(accounts: readonly StatedAccount[], slugs: readonly string[]): Promise<void> {
    const { database, clock } = this.parts;
    await database.transaction('*', async (client) => {
      for (const account of accounts) {
        const { family, slug, title } = account.manifest;
        await client.query(REGISTER, [account.id, account.tenant, family, slug, title, isoTime(clock.now())]);
      }
      await client.query('DELETE FROM channels.accounts WHERE channel_slug = ANY($1) AND account_id <> ALL($2)', [
        slugs,
        accounts.map(({ id }) => id),
      ]);
    });
  }

  /** Shows the addresses to be entered at the providers. Throws TRANSIENT. */
  async showHooks<A extends StatedAccount>(
    accounts: readonly A[],
    hooksOf: (account: A) => readonly HookView[],
  ): Promise<void> {
    await this.parts.database.transaction('*', async (client) => {
      for (const account of accounts) {
        const hooks = hooksOf(account);
        await client.query(SHOW_HOOKS, [account.id, storableJson(hooks), [...new Set(hooks.map(({ url }) => url))]]);
      }
    });
  }

  /** The next word on the account is written even when it is the last one that this process wrote. */
  forget(accountId: string): void {
    this.last.delete(accountId);
  }

  /** Called at every turn of a runner; writes only what changed. Never rejects. */
  async set(account: StatedAccount, change: StateChange): Promise<void> {
    const { logger, metrics } = this.parts;
    const key = JSON.stringify([change.state, change.code, change.reason, change.nextAttemptAt]);
    if (this.last.get(account.id) === key) return;
    const before = this.last.get(account.id);
    this.last.set(account.id, key);
    metrics.gauge(
      'fanin_channel_account_up',
      labelsOf(account),
      ['connected', 'backfilling'].includes(change.state) ? 1 : 0,
    );
    const fields = { account: account.id, channel_slug: account.manifest.slug, ...change };
    if (before === undefined || JSON.parse(before)[0] !== change.state)
      logger[change.code === undefined ? 'info' : ERROR_TRAITS[change.code].level](
        'the state of an account changed',
        fields,
      );
    // One write after the other: the last word on an account must be the last in the table.
    const written = (this.writing.get(account.id) ?? Promise.resolve()).then(() => this.write(account, change));
    this.writing.set(account.id, written);
    await written;
  }

  private async write(account: StatedAccount, change: StateChange): Promise<void> {
    const { database, clock, logger } = this.parts;
    const { state, code = null, reason = null, nextAttemptAt } = change;
    const action = code === null ? null : ACCOUNT_ACTIONS[code];
    const next = nextAttemptAt === undefined ? null : isoTime(nextAttemptAt);
    const values = [account.id, state, code, reason?.slice(0, MAX_REASON) ?? null, next, action, isoTime(clock.now())];
    try {
      await database.transaction(account.tenant, (client) => client.query(CHANGE, values));
    } catch (error) {
      this.last.delete(account.id);
      logger.warn('the state of an account could not be stored', { account: account.id, reason: messageOf(error) });
    }
  }

  /** The state that an error puts an account into. `nextAttemptAt` absent: nobody tries again before a restart. */
  async fail(account: StatedAccount, error: unknown, nextAttemptAt?: number): Promise<void> {
    const code = codeOf(error);
    const kept = ERROR_TRAITS[code].accountState;
    const state = kept === 'unchanged' ? 'degraded' : kept;
    await this.set(account, {
      state,
      code,
      reason: messageOf(error),
      ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
    });
  }

  /** Facts for people, newest first, the last 20. Never rejects. */
  async note(account: StatedAccount, notices: readonly AccountNotice[]): Promise<void> {
    if (notices.length === 0) return;
    const { database, clock, logger } = this.parts;
    const at = isoTime(clock.now());
    for (const { code, message } of notices)
      logger[code === 'REPAIRED' ? 'info' : 'warn']('a channel has something to say', {
        account: account.id,
        code,
        notice: message,
      });
    const rows = storableJson(notices.map((notice) => ({ ...notice, at })));
    await database
      .transaction(account.tenant, (client) => client.query(NOTE, [account.id, rows]))
      .catch((error: unknown) =>
        logger.warn('a notice could not be stored', { account: account.id, reason: messageOf(error) }),
      );
  }
}
