import type { FateV1 } from '@fanin/contracts';
import { storableJson, type Database } from '@fanin/platform';

const RECORD = {
  name: 'fanin-ledger-fates',
  text: `INSERT INTO ledger.fates AS f (delivery_id, part, parts, tenant, account_id, channel, fate, rule, evidence, message_id, ticket_id, decided_at)
    SELECT * FROM jsonb_to_recordset($1) AS r (delivery_id text, part integer, parts integer, tenant text, account_id text, channel text,
      fate text, rule text, evidence text, message_id text, ticket_id text, decided_at timestamptz)
    ON CONFLICT (delivery_id, part) DO UPDATE SET parts = excluded.parts, fate = excluded.fate, rule = excluded.rule,
      evidence = excluded.evidence, message_id = excluded.message_id, ticket_id = excluded.ticket_id, decided_at = excluded.decided_at
    WHERE excluded.fate <> 'duplicate'`,
};

/**
 * Writes down where parts of deliveries ended. A later word on the same part replaces the earlier one (a dead letter that
 * was driven again and accepted), except that `duplicate` never replaces anything: that part was decided before.
 */
export class FateRecorder {
  constructor(private readonly database: Database) {}

  async record(fates: readonly FateV1[]): Promise<void> {
    // One statement may touch a row once only: of several words on one part in a batch, the last counts.
    const latest = new Map<string, FateV1>();
    for (const fate of fates) {
      const key = `${fate.delivery_id}.${fate.part}`;
      if (fate.fate === 'duplicate' && latest.has(key)) continue;
      latest.set(key, fate);
    }
    const rows = [...latest.values()].sort((a, b) =>
      a.delivery_id < b.delivery_id ? -1 : a.delivery_id > b.delivery_id ? 1 : a.part - b.part,
    );
    await this.database.statement('*', RECORD, [storableJson(rows)]);
  }
}
