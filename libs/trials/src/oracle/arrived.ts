import { setTimeout as sleep } from 'node:timers/promises';
import { asSuperuser } from '../system/as-superuser.js';
import type { Remembered } from './recorder.js';

const MARKS = `
  SELECT substring(text FROM '#([^#[:space:]]+)#') AS mark FROM tickets.messages WHERE tenant || '/' || account_id = ANY ($1)`;

type Place = { readonly adminUrl: string };

/** Those of them that are no message yet: what a mailbox or a vendor has taken is fetched in its own time. */
export function notArrived(system: Place, said: readonly Remembered[]): Promise<readonly Remembered[]> {
  const accounts = [...new Set(said.map(({ one }) => one.account))];
  return asSuperuser(system, async (client) => {
    const { rows } = await client.query<{ mark: string }>(MARKS, [accounts]);
    const marks = new Set(rows.map(({ mark }) => mark));
    return said.filter(({ one }) => !marks.has(one.id));
  });
}

/**
 * Waits until all of them are messages, or the time is over: what does not come is lost, and the verdict tells of it.
 * Resolves to the doors that were waited for last.
 */
export async function untilArrived(
  system: Place,
  said: readonly Remembered[],
  limitMs: number,
): Promise<readonly string[]> {
  let last: readonly string[] = [];
  for (const deadline = performance.now() + limitMs; performance.now() < deadline;) {
    const missing = await notArrived(system, said);
    if (missing.length === 0) break;
    last = [...new Set(missing.map(({ one }) => one.door))];
    await sleep(1_000);
  }
  return last;
}
