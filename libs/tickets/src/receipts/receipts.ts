import type { OutboundReceiptV1, TicketEventV1 } from '@fanin/contracts';
import { isoTime, type Clock } from '@fanin/kernel';
import type { Database } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { settleClaims } from '../echoes/settle-claims.js';
import type { Publishing } from '../events/publishing.js';
import { lockTickets, updateTickets } from '../tickets/ticket-rows.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { rememberSent } from './remember-sent.js';
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
        const foreign = await settleClaims(client, receipts, messages);
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
        await publishing.inbound(client, foreign);
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
