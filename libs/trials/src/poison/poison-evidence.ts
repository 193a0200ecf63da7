import type { BusRecord } from '@fanin/bus';
import { CONTRACTS, createCodec, type Contract } from '@fanin/contracts';
import type pg from 'pg';

export interface Stored {
  /** Provider message id. */
  readonly id: string;
  readonly tenant: string;
  readonly ticket: string;
  readonly seq: number;
}

/** Every message of a customer, as a superuser sees them. */
export async function storedMessages(pool: pg.Pool): Promise<Stored[]> {
  const { rows } = await pool.query<Stored>(
    `SELECT provider_message_id AS id, tenant, ticket_id::text AS ticket, seq FROM tickets.messages
     WHERE direction = 'inbound' ORDER BY ticket_id, seq`,
  );
  return rows;
}

/** Message ids of the events that tell of a customer's message, one each time. */
export async function inboundEvents(records: readonly BusRecord[]): Promise<string[]> {
  return decoded(CONTRACTS.ticketEvent, records).flatMap(({ message }) =>
    message?.direction === 'inbound' ? [message.id] : [],
  );
}

/** Fates by delivery, in the order of the log. */
export async function committedFates(records: readonly BusRecord[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const fates = new Map<string, string[]>();
  for (const { delivery_id: id, fate } of decoded(CONTRACTS.fate, records))
    fates.set(id, [...(fates.get(id) ?? []), fate]);
  return fates;
}

function decoded<T extends object>(contract: Contract<T>, records: readonly BusRecord[]): T[] {
  const codec = createCodec(contract);
  return records.flatMap((record) => {
    const result = codec.decode(record);
    return result.ok ? [result.value] : [];
  });
}
