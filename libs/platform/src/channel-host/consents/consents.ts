import type { ConsentDraft } from '@fanin/connector-kit';
import { opaqueKey } from '@fanin/kernel';
import type { HostParts } from '../host-settings.js';

interface Owner {
  readonly id: string;
  readonly tenant: string;
}

/** At the same time, the word that forbids holds. */
const KEEP = `
  INSERT INTO channels.consents AS c (account_id, conversation_hash, tenant, state, evidence, at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (account_id, conversation_hash) DO UPDATE
    SET state = excluded.state, evidence = excluded.evidence, at = excluded.at, updated_at = now()
    WHERE excluded.at > c.at OR (excluded.at = c.at AND excluded.state = 'opted_out')`;

const MAX_EVIDENCE = 200;

/**
 * Who forbade us to write to him, per account and conversation. Kept for ever: the word holds until it is taken
 * back. Looked up by the queue of replies as it hands one out.
 */
export class Consents {
  constructor(private readonly parts: Pick<HostParts, 'database'>) {}

  /** Durable when it resolves; the order of arrival does not matter. */
  async keep(account: Owner, consents: readonly ConsentDraft[]): Promise<void> {
    if (consents.length === 0) return;
    await this.parts.database.transaction(account.tenant, async (client) => {
      for (const { conversation_key: key, state, evidence, at } of consents)
        await client.query(KEEP, [
          account.id,
          opaqueKey(key),
          account.tenant,
          state,
          evidence.slice(0, MAX_EVIDENCE),
          at,
        ]);
    });
  }
}
