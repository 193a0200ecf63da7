import type { OutboundReceiptV1, TicketEventV1 } from '@fanin/contracts';
import { isoTime, type Clock } from '@fanin/kernel';
import type { Database } from '@fanin/platform';
import type { PoolClient } from 'pg';
import type { Publishing } from '../events/publishing.js';
import { referenceHash } from '../threading/keys.js';
import { lockTickets, updateTickets } from '../tickets/ticket-rows.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { applyDeliveryNews, loadSentMessages, saveDeliveries, type SentMessage } from './sent-messages.js';

export interface ReceiptsDependencies {
  readonly database: Database;
  readonly publishing: Publishing;
  readonly clock: Clock;
}

export interface Receipts {
  /**
   * Moves outbound messages forward, in one transaction. Old news, repeated news and receipts for messages of another tenant
   * change nothing; resolves to how many receipts did.
   */
  handleBatch(receipts: readonly OutboundReceiptV1[]): Promise<number>;
}

export function createReceipts({ database, publishing, clock }: ReceiptsDependencies): Receipts {
  return {
    handleBatch: (receipts) =>
      database.transaction('*', async (client) => {
        const { tickets, messages } = await lockReported(client, receipts);
        const now = isoTime(clock.now());
        const changed = new Set<SentMessage>();
        const events: TicketEventV1[] = [];
        for (const receipt of receipts) {
          const message = messages.get(receipt.outbound_id);
          const ticket = message === undefined ? undefined : tickets.get(message.ticketId);
          if (message === undefined || ticket === undefined || message.tenant !== receipt.tenant) continue;
          const event = applyDeliveryNews(
            ticket,
            message,
            { ...receipt, providerMessageId: receipt.provider_message_id },
            now,
          );
          if (event === undefined) continue;
          events.push(event);
          changed.add(message);
        }
        await rememberSent(client, [...changed]);
        await saveDeliveries(client, [...changed]);
        await updateTickets(
          client,
          [...tickets.values()].filter((ticket) => ticket.isChanged),
        );
        await publishing.events(client, events);
        return events.length;
      }),
  };
}

/** Locks the tickets, then reads the messages: a message's delivery is guarded by its ticket's lock. */
async function lockReported(
  client: PoolClient,
  receipts: readonly OutboundReceiptV1[],
): Promise<{ tickets: Map<string, TicketState>; messages: Map<string, SentMessage> }> {
  const ids = [...new Set(receipts.map(({ outbound_id }) => outbound_id))];
  const { rows } = await client.query<{ ticket_id: string }>(
    'SELECT DISTINCT ticket_id FROM tickets.messages WHERE id = ANY ($1::text[])',
    [ids],
  );
  const tickets = await lockTickets(
    client,
    rows.map(({ ticket_id }) => ticket_id),
  );
  const messages = new Map((await loadSentMessages(client, ids)).map((message) => [message.id, message]));
  return { tickets, messages };
}

/** Answers will name the ids that went out. What an answer named before we knew becomes ours. */
async function rememberSent(client: PoolClient, messages: readonly SentMessage[]): Promise<void> {
  const rows = messages.flatMap((message) => {
    const id = message.delivery.provider_message_id;
    return id === null ? [] : [{ message, hash: referenceHash(message.channel, message.accountId, id) }];
  });
  if (rows.length === 0) return;
  const sorted = rows
    .filter(
      (row, at) =>
        rows.findIndex((other) => other.hash === row.hash && other.message.tenant === row.message.tenant) === at,
    )
    .sort((a, b) => (`${a.message.tenant}\n${a.hash}` < `${b.message.tenant}\n${b.hash}` ? -1 : 1));
  await client.query(
    `INSERT INTO tickets.message_references AS r (tenant, ref_hash, ticket_id, message_id, origin)
     SELECT n.tenant, n.hash, n.ticket_id, n.message_id, 'sent' FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) AS n(tenant, hash, ticket_id, message_id)
     ON CONFLICT (tenant, ref_hash) DO UPDATE SET ticket_id = EXCLUDED.ticket_id, message_id = EXCLUDED.message_id, origin = 'sent'
     WHERE r.origin = 'referenced'`,
    [
      sorted.map(({ message }) => message.tenant),
      sorted.map(({ hash }) => hash),
      sorted.map(({ message }) => message.ticketId),
      sorted.map(({ message }) => message.id),
    ],
  );
}
