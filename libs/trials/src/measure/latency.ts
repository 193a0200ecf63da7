import type { Acknowledged, Oracle } from '../oracle/oracle.js';
import { Histogram } from '../drive/histogram.js';
import type { DatabaseWatch } from './database-watch.js';

/** Remembers when each message was acknowledged. */
export class AcknowledgedTimes implements Oracle {
  private readonly times = new Map<string, number>();

  acknowledged({ id, atMs }: Acknowledged): void {
    this.times.set(id, atMs);
  }

  unsure(): void {
    // May be stored or not: no time is known.
  }

  refused(): void {
    // Not stored.
  }

  clear(): void {
    this.times.clear();
  }

  /** From the acknowledgement of each message to the commit that stored it, by one machine's clock. A commit may come first: 0. */
  async committed(watch: DatabaseWatch): Promise<Histogram> {
    const stored = await watch.rows<{ id: string; at: number }>(
      `SELECT substring(text FROM '#([^#]+)#') AS id,
              (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS at
       FROM tickets.messages WHERE direction = 'inbound' AND text LIKE '#%'`,
    );
    const histogram = new Histogram();
    for (const { id, at } of stored) {
      const acknowledged = this.times.get(id);
      if (acknowledged !== undefined) histogram.add(Math.max(0, at - acknowledged));
    }
    return histogram;
  }
}
