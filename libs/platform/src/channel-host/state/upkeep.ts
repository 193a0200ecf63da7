import { codeOf, ERROR_TRAITS, messageOf } from '@fanin/kernel';
import type { Wakes } from '../capture/wakes.js';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';

const RETENTION_DAYS = 90;
const RETENTION_EVERY_MS = 3_600_000;
/** Rows deleted by one statement: no long lock, no burst. */
const CHUNK = 5_000;

const ASK = 'UPDATE channels.accounts SET recheck_at = clock_timestamp() WHERE account_id = $1';
const ASKED = `
  UPDATE channels.accounts SET recheck_at = NULL
  WHERE account_id = ANY($1) AND recheck_at IS NOT NULL RETURNING account_id`;

const OLD = [
  ['outbound', "state = 'done' AND updated_at"],
  ['receipt_news', 'created_at'],
  ['media', 'created_at'],
].map(
  ([table, age]) => `
  DELETE FROM channels.${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM channels.${table} WHERE ${age} < now() - interval '${RETENTION_DAYS} days' LIMIT ${CHUNK}))`,
);

/** What every process does beside its accounts: passes on requests between replicas, and lets old rows go. */
export class Upkeep {
  private nextRetentionMs = 0;

  constructor(
    private readonly parts: HostParts,
    private readonly wakes: Wakes,
  ) {}

  /** Asks the process that holds the account to look at it. Never rejects. */
  async askForCheck(account: Pick<HostedAccount, 'id' | 'tenant'>): Promise<void> {
    try {
      await this.parts.database.transaction(account.tenant, (client) => client.query(ASK, [account.id]));
    } catch (error) {
      this.parts.logger.debug('a check of an account could not be asked for', {
        account: account.id,
        reason: messageOf(error),
      });
    }
  }

  /** Works until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, timings } = this.parts;
    while (!signal.aborted) {
      try {
        await this.passOn();
        if (clock.monotonicMs() >= this.nextRetentionMs) {
          this.nextRetentionMs = clock.monotonicMs() + RETENTION_EVERY_MS * (0.9 + Math.random() / 5);
          await this.forget(signal);
        }
      } catch (error) {
        logger[ERROR_TRAITS[codeOf(error)].level]('the upkeep of accounts failed', { reason: messageOf(error) });
      }
      await clock.sleep(timings.upkeepMs, signal);
    }
  }

  private async passOn(): Promise<void> {
    const { held } = this.wakes;
    if (held.length === 0) return;
    const found = await this.parts.database.transaction('*', (client) =>
      client.query<{ account_id: string }>(ASKED, [held]),
    );
    for (const { account_id: id } of found.rows) this.wakes.wake(id);
  }

  private async forget(signal: AbortSignal): Promise<void> {
    for (const sql of OLD) {
      let deleted: number;
      do {
        const done = await this.parts.database.transaction('*', (client) => client.query(sql));
        deleted = done.rowCount ?? 0;
      } while (deleted === CHUNK && !signal.aborted);
    }
  }
}
