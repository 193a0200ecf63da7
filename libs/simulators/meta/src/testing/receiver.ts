import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatorClock } from '@fanin/simulators/core';
import { hubSignature } from '../signature.js';

export interface Posted {
  path: string;
  raw: Buffer;
  signature: string;
  body: { object: string; entry: Record<string, unknown>[] };
}

/** Our side in the specs: passes the challenge of `verifyToken`, keeps what is posted, answers `statuses`, then 200. */
export interface Receiver {
  url: string;
  posted: Posted[];
  statuses: number[];
  /** While set, every POST is answered with it. */
  down?: number;
  /** Changes of all entries, in order: `messaging`, `standby` and `changes` items. */
  items(): Record<string, unknown>[];
  close(): Promise<void>;
}

export async function startReceiver(verifyToken: string): Promise<Receiver> {
  const posted: Posted[] = [];
  const receiver: Receiver = { url: '', posted, statuses: [], items: () => posted.flatMap(itemsOf), close };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://receiver');
    if (request.method === 'GET') {
      const good =
        url.searchParams.get('hub.verify_token') === verifyToken && url.searchParams.get('hub.mode') === 'subscribe';
      response.writeHead(good ? 200 : 403).end(good ? url.searchParams.get('hub.challenge') : 'no');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const signature = String(request.headers['x-hub-signature-256']);
      posted.push({ path: url.pathname, raw, signature, body: JSON.parse(raw.toString('utf8')) as Posted['body'] });
      response.writeHead(receiver.down ?? receiver.statuses.shift() ?? 200).end('EVENT_RECEIVED');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/meta`;
  return receiver;

  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

function itemsOf({ body }: Posted): Record<string, unknown>[] {
  return body.entry.flatMap((entry) =>
    ['messaging', 'standby', 'changes'].flatMap((list) => (entry[list] as Record<string, unknown>[] | undefined) ?? []),
  );
}

export const genuine = (posted: Posted, secret: string): boolean =>
  posted.signature === hubSignature(secret, posted.raw);

/** Sleeping takes no time: the clock jumps. */
export class JumpingClock implements SimulatorClock {
  constructor(public time = Date.UTC(2026, 10, 22, 9, 0, 0)) {}

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.time += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
