import {
  createCodecs,
  topicName,
  TOPICS,
  type Codecs,
  type FateV1,
  type InboundMessageV1,
  type OutboundMessageV1,
  type TicketEventV1,
} from '@fanin/contracts';
import { opaqueKey } from '@fanin/kernel';
import { together, type Outbox } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { notifyLive } from '../live/live-channel.js';

const SOURCE = '/fanin/ticket-core';

/** Puts what a transaction decided into the outbox, encoded and checked against the contracts. */
export interface Publishing {
  events(client: PoolClient, events: readonly TicketEventV1[]): Promise<void>;
  fates(client: PoolClient, fates: readonly FateV1[]): Promise<void>;
  outbound(client: PoolClient, message: OutboundMessageV1): Promise<void>;
  /** Back onto the road that it came by, to be decided anew. */
  inbound(client: PoolClient, messages: readonly InboundMessageV1[]): Promise<void>;
}

export function createPublishing(outbox: Outbox, topicPrefix?: string, codecs: Codecs = createCodecs()): Publishing {
  return {
    async events(client, events) {
      if (events.length === 0) return;
      const records = events.map((event) => codecs.ticketEvent.encode(event, { key: event.ticket_id, source: SOURCE }));
      await together(
        outbox.add(client, topicName(TOPICS.ticketEvents, topicPrefix), records),
        notifyLive(client, events),
      );
    },
    async fates(client, fates) {
      if (fates.length === 0) return;
      const records = fates.map((fate) => codecs.fate.encode(fate, { key: fate.delivery_id, source: SOURCE }));
      await outbox.add(client, topicName(TOPICS.fates, topicPrefix), records);
    },
    async outbound(client, message) {
      const key = opaqueKey(message.tenant, message.account_id, message.conversation_key);
      await outbox.add(client, topicName(TOPICS.outboundMessages, topicPrefix), [
        codecs.outboundMessage.encode(message, { key, source: SOURCE }),
      ]);
    },
    async inbound(client, messages) {
      if (messages.length === 0) return;
      // The key of the normaliser, so that it comes behind what was said before.
      const records = messages.map((message) =>
        codecs.inboundMessage.encode(message, { key: opaqueKey(message.conversation_key), source: SOURCE }),
      );
      await outbox.add(client, topicName(TOPICS.inboundMessages, topicPrefix), records);
    },
  };
}
