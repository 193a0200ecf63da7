import type { Bus } from '@fanin/bus';
import { median } from '@fanin/test-kit';
import pg from 'pg';

const TURNS = 200;
const RECORD_BYTES = 4_096;

/** Milliseconds from a record's publish to its acknowledgement, one at a time. */
export async function produceAckMs(bus: Bus, topic: string): Promise<number> {
  await bus.ensureTopics([{ name: topic, partitions: 1, retentionMs: 600_000, cleanup: 'delete' }]);
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  return timed(() => bus.publish(topic, [{ key: 'bare', value, headers: {} }]));
}

/** Milliseconds of a transaction that writes one row of a message's size. */
export async function commitMs(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('CREATE TABLE IF NOT EXISTS public.bare_commit (body text)');
    const body = 'x'.repeat(RECORD_BYTES);
    const took = await timed(() => client.query('INSERT INTO public.bare_commit VALUES ($1)', [body]));
    await client.query('DROP TABLE public.bare_commit');
    return took;
  } finally {
    await client.end();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}
