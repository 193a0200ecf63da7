import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { responseToken } from '../verify.js';

/** An address that X may call: it answers challenges and keeps what it is told. */
export interface Door {
  readonly url: string;
  readonly bodies: readonly Buffer[];
  close(): Promise<void>;
}

export async function openDoor(clientSecret: string): Promise<Door> {
  const bodies: Buffer[] = [];
  const secrets = { clientSecret, previousClientSecret: undefined, consumerSecret: undefined };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const token = new URL(request.url ?? '/', 'http://door').searchParams.get('crc_token');
      if (token !== null) return response.end(JSON.stringify({ response_token: responseToken(token, secrets) }));
      bodies.push(Buffer.concat(chunks));
      return response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
