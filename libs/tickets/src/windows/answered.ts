import type { Visibility } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import type { StoredWindows } from '../schema/entities/ticket.entity.js';

export interface WindowedTicket {
  readonly id: string;
  readonly replyWindows: StoredWindows | null;
}

/**
 * In which visibilities the message behind the windows was answered, by ticket. Answers that failed do not count. Asks the
 * database only when a window takes one answer only.
 */
export async function answeredOf(
  client: PoolClient,
  tickets: readonly WindowedTicket[],
): Promise<ReadonlyMap<string, ReadonlySet<Visibility>>> {
  const counted = tickets.filter(({ replyWindows }) => replyWindows?.windows.some(({ once }) => once) === true);
  const found = new Map<string, Set<Visibility>>();
  if (counted.length === 0) return found;
  const { rows } = await client.query<{ ticket_id: string; visibility: Visibility }>(
    `SELECT m.ticket_id, coalesce(m.details ->> 'visibility', 'private') AS visibility
     FROM unnest($1::uuid[], $2::text[]) AS n(ticket_id, message_id) JOIN tickets.messages m ON m.ticket_id = n.ticket_id
     WHERE m.direction = 'outbound' AND m.kind = 'public' AND m.delivery ->> 'status' <> 'failed' AND m.details ->> 'answers' = n.message_id`,
    [counted.map(({ id }) => id), counted.map(({ replyWindows }) => replyWindows?.message_id ?? '')],
  );
  for (const { ticket_id, visibility } of rows) {
    const known = found.get(ticket_id);
    if (known === undefined) found.set(ticket_id, new Set([visibility]));
    else known.add(visibility);
  }
  return found;
}
