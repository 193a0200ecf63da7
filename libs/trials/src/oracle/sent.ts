import type { ClientBase } from 'pg';
import type { SystemUnderTest } from '../system/system.js';

/** How often each marked reply left the system, whatever way it went. */
export type Sent = ReadonlyMap<string, number>;

const MARK = /#([^#\s]+)#/;

/**
 * Counted by those who took them: the relay (also what it took without saying so), the vendors, and the transcripts that chat
 * visitors are shown. A mail's own mark comes first in it, whatever it quotes.
 */
export async function readSent(system: SystemUnderTest, client: ClientBase): Promise<Sent> {
  const counts = new Map<string, number>();
  const count = (text: string | undefined): void => {
    const mark = MARK.exec(text ?? '')?.[1];
    if (mark !== undefined) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  };
  for (const { mail } of system.relay.mails) count(mail.text);
  for (const raw of system.relay.swallowed) count(raw);
  const { twilio, x, meta, metaOfB } = system.vendors;
  for (const vendor of [twilio, x, meta, metaOfB])
    for (const sent of vendor.simulator.sent() as readonly { text?: string; body?: string }[])
      count(sent.text ?? sent.body);
  const shown = await client.query<{ payload: string }>(
    "SELECT payload FROM channels.entries WHERE direction = 'outbound'",
  );
  for (const { payload } of shown.rows) count(payload);
  return counts;
}
