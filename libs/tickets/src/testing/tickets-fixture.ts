import {
  CONTRACTS,
  createCodec,
  topicName,
  TOPICS,
  type FateV1,
  type InboundMessageV1,
  type OutboundMessageV1,
  type TicketEventV1,
} from '@fanin/contracts';
import { createSystemClock, silentLogger, type Clock } from '@fanin/kernel';
import { openDatabase, PLATFORM_PART, prepareServiceRole, type Database, type Outbox } from '@fanin/platform';
import { createOutbox } from '@fanin/platform';
import { startTestDatabase } from '@fanin/test-kit';
import type { EncodedRecord } from '@fanin/contracts';
import { createPublishing, type Publishing } from '../events/publishing.js';
import { createIntake, type Intake } from '../intake/intake.js';
import { TICKETS_PART } from '../schema/tickets-part.js';

/** What left through the outbox, decoded, of committed transactions only. */
export interface Published {
  readonly events: TicketEventV1[];
  readonly fates: FateV1[];
  readonly outbound: OutboundMessageV1[];
}

/** With what was put back onto the road that it came by. */
export interface AllPublished extends Published {
  readonly inbound: InboundMessageV1[];
}

export interface TicketsFixture {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly publishing: Publishing;
  readonly intake: Intake;
  readonly clock: Clock;
  /** Everything published since the last call. */
  published(): Promise<AllPublished>;
  close(): Promise<void>;
}

/** A real PostgreSQL with the ticket core's schema, seen through a role that row-level security binds. */
export async function openTickets(): Promise<TicketsFixture> {
  const server = await startTestDatabase();
  const url = await prepareServiceRole(server.url);
  const clock = createSystemClock();
  const database = await openDatabase({ url, parts: [PLATFORM_PART, TICKETS_PART], clock, logger: silentLogger });
  const outbox = createOutbox('ticket-core');
  const publishing = createPublishing(outbox);
  const intake = createIntake({ database, publishing, clock });
  return {
    database,
    outbox,
    publishing,
    intake,
    clock,
    published: () => takeOutbox(database),
    close: async () => {
      await database.close();
      await server.stop();
    },
  };
}

async function takeOutbox(database: Database): Promise<AllPublished> {
  const { rows } = await database.transaction('*', (client) =>
    client.query<{ topic: string; records: Buffer }>(
      'WITH taken AS (DELETE FROM platform.outbox RETURNING id, topic, records) SELECT topic, records FROM taken ORDER BY id',
    ),
  );
  const published: AllPublished = { events: [], fates: [], outbound: [], inbound: [] };
  for (const { topic, records } of rows) {
    for (const record of unpack(records)) {
      if (topic === topicName(TOPICS.ticketEvents)) published.events.push(decoded(CONTRACTS.ticketEvent, record));
      else if (topic === topicName(TOPICS.fates)) published.fates.push(decoded(CONTRACTS.fate, record));
      else if (topic === topicName(TOPICS.outboundMessages))
        published.outbound.push(decoded(CONTRACTS.outboundMessage, record));
      else if (topic === topicName(TOPICS.inboundMessages))
        published.inbound.push(decoded(CONTRACTS.inboundMessage, record));
      else throw new Error(`a record on ${topic}`);
    }
  }
  return published;
}

/** The packing of `platform.outbox`: [uint32 length of heads][heads as JSON][values]. */
function unpack(packed: Buffer): EncodedRecord[] {
  const end = 4 + packed.readUInt32BE(0);
  const heads = JSON.parse(packed.toString('utf8', 4, end)) as {
    key: string;
    headers: Record<string, string>;
    at: number;
    bytes: number;
  }[];
  let at = end;
  return heads.map(({ key, headers, at: timestampMs, bytes }) => {
    at += bytes;
    return { key, headers, timestampMs, value: packed.subarray(at - bytes, at) };
  });
}

function decoded<T extends object>(contract: Parameters<typeof createCodec<T>>[0], record: EncodedRecord): T {
  const result = createCodec(contract).decode(record);
  if (!result.ok) throw new Error(result.error.reason);
  return result.value;
}

export async function handle(fixture: TicketsFixture, ...messages: InboundMessageV1[]): Promise<Published> {
  await fixture.intake.handleBatch(messages);
  const { inbound: _inbound, ...published } = await fixture.published();
  return published;
}
