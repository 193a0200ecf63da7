import { asSuperuser } from '../system/as-superuser.js';
import type { Remembered } from './recorder.js';

const MARKS = `
  SELECT substring(text FROM '#([^#[:space:]]+)#') AS mark FROM tickets.messages WHERE tenant || '/' || account_id = ANY ($1)`;

type Place = { readonly adminUrl: string };

/** Each of them is a message: what a mailbox or a vendor has taken is fetched in its own time. */
export function haveArrived(system: Place, said: readonly Remembered[]): Promise<boolean> {
  const accounts = [...new Set(said.map(({ one }) => one.account))];
  return asSuperuser(system, async (client) => {
    const { rows } = await client.query<{ mark: string }>(MARKS, [accounts]);
    const marks = new Set(rows.map(({ mark }) => mark));
    return said.every(({ one }) => marks.has(one.id));
  });
}

/** Until they have, or the time is over: what does not come is lost, and the verdict tells of it. */
export async function untilArrived(system: Place, said: readonly Remembered[], limitMs: number): Promise<void> {
  for (const deadline = performance.now() + limitMs; performance.now() < deadline;) {
    if (await haveArrived(system, said)) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
