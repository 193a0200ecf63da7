import type { TicketEventType, TicketEventV1 } from '@fanin/contracts';
import type { PoolClient } from 'pg';

/** PostgreSQL channel that tells every replica's event streams what was committed. */
export const LIVE_CHANNEL = 'fanin_tickets_live';

/** A change as the stream of live changes shows it: what to read again, not the contents. */
export interface LiveChange {
  readonly tenant: string;
  readonly ticket_id: string;
  readonly seq: number;
  readonly type: TicketEventType;
}

/** PostgreSQL takes payloads below 8000 bytes; a change has at most about 200. */
const CHANGES_PER_NOTICE = 35;

/** Within the caller's transaction: the notices leave with its commit. One statement for any number of events. */
export async function notifyLive(client: PoolClient, events: readonly TicketEventV1[]): Promise<void> {
  const payloads: string[] = [];
  for (let at = 0; at < events.length; at += CHANGES_PER_NOTICE) {
    const changes: LiveChange[] = events
      .slice(at, at + CHANGES_PER_NOTICE)
      .map(({ tenant, ticket_id, seq, type }) => ({ tenant, ticket_id, seq, type }));
    payloads.push(JSON.stringify(changes));
  }
  await client.query({
    name: 'fanin-tickets-notify',
    text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload',
    values: [LIVE_CHANNEL, payloads],
  });
}
