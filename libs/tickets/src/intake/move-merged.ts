import { storableJson } from '@fanin/platform';
import type { EventMessage } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import { recordEvent } from '../events/ticket-events.js';
import type { MessageDetails } from '../schema/entities/message.entity.js';
import type { BatchPlan } from './batch-plan.js';

interface MovedRow {
  id: string;
  direction: EventMessage['direction'];
  kind: EventMessage['kind'];
  channel: EventMessage['channel'];
  provider_time: Date | null;
  received_at: Date;
  details: MessageDetails;
}

/**
 * Moves the messages of tickets that were merged to the end of the ticket they belong to, each with an event there. Rare:
 * one statement to read and one to write per merge.
 */
export async function moveMerged(client: PoolClient, plan: BatchPlan, now: string): Promise<void> {
  for (const { from, into, evidence } of plan.merges) {
    const { rows } = await client.query<MovedRow>(
      `SELECT id, direction, kind, channel, provider_time, received_at, details FROM tickets.messages WHERE ticket_id = $1 ORDER BY seq`,
      [from.id],
    );
    const seqs = rows.map((row) => {
      const message: EventMessage = {
        id: row.id,
        direction: row.direction,
        kind: row.kind,
        channel: row.channel,
        provider_time: row.provider_time?.toISOString() ?? null,
        received_at: row.received_at.toISOString(),
        delivery_status: null,
      };
      const actor =
        row.kind === 'event'
          ? ({ type: 'system', id: null } as const)
          : ({ type: 'customer', id: from.customerId } as const);
      plan.events.push(
        recordEvent(into, { type: 'message.added', occurredAt: message.received_at, recordedAt: now, actor, message }),
      );
      return into.lastSeq;
    });
    const details = rows.map((row) => storableJson({ ...row.details, threading: { rule: 'late_parent', evidence } }));
    const ids = rows.map(({ id }) => id);
    await client.query(
      `UPDATE tickets.messages m SET ticket_id = $1, seq = n.seq, details = n.details
       FROM unnest($2::text[], $3::int[], $4::json[]) AS n(id, seq, details) WHERE m.id = n.id`,
      [into.id, ids, seqs, details],
    );
    await client.query('UPDATE tickets.message_search SET ticket_id = $1 WHERE message_id = ANY ($2::text[])', [
      into.id,
      ids,
    ]);
  }
}
