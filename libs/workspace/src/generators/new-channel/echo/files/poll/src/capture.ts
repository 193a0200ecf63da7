import type { PollCapture } from '@fanin/connector-kit';
import type { Client } from './client.js';

export function createCapture(client: Client): PollCapture {
  return {
    shape: 'poll',
    intervalMs: 30_000,
    async poll(cursor, signal) {
      const found = await client.after(Number(cursor ?? 0), signal);
      return {
        deliveries: found.map(({ body }) => ({ body, contentType: 'application/json', meta: {} })),
        cursor: String(found.at(-1)?.at ?? cursor ?? 0),
        more: found.length > 0,
      };
    },
  };
}
